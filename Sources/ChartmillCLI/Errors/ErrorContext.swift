/// What was asked for, as far as the words of an error depend on it.
struct ErrorContext {
  private let command: Command?
  private let namesSpillFolder: Bool

  /// - Parameter flags: nil when they could not be understood.
  init(_ flags: RawFlags? = nil) {
    command = flags?.command
    namesSpillFolder = flags?.has(.spillDir) ?? false
  }

  /// What a failure leaves, where that is worth to know: for a command that publishes or keeps
  /// something.
  var outcome: String? {
    switch command {
    case .run, .assemble: "nothing was published"
    case .backfill: "dates that were charted before stay"
    case .digest: "days that were digested before stay"
    case .synth: "logs that were not complete were removed"
    default: nil
    }
  }

  /// Whether what is read are published charts.
  var readsCharts: Bool {
    switch command {
    case .show, .compare, .verify, .report: true
    default: false
    }
  }

  func takes(_ flag: Flag) -> Bool { command.map { flag.use(in: $0) != nil } ?? false }

  /// What to do on a full disk.
  var makeRoom: String {
    takes(.spillDir) && !namesSpillFolder
      ? "Make room, or put spill files on another disk with --spill-dir" : "Make room"
  }

  /// Another disk for spill files, for a command that takes one.
  var otherSpillDisk: String {
    takes(.spillDir) ? ", or use another for spill files with --spill-dir" : ""
  }

  /// The outcome as a sentence, then `advice`.
  func after(_ advice: String?) -> String? {
    guard let outcome else { return advice }
    return outcome.prefix(1).uppercased() + outcome.dropFirst() + "."
      + (advice.map { " " + $0 } ?? "")
  }
}
