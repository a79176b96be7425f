internal import ChartmillSystem

/// The facts about the command on which the words of an error depend.
struct ErrorContext {
  /// Nil if they could not be parsed.
  private let arguments: ParsedArguments?

  init(_ arguments: ParsedArguments? = nil) {
    self.arguments = arguments
  }

  /// What remains after a failure of a command that publishes or keeps something, which
  /// `rollup --frames` does not.
  var outcome: String? {
    arguments?.has(.frames) == true ? nil : arguments?.command.leftByFailure
  }

  /// Whether the files that are read are published charts.
  var readsCharts: Bool { arguments?.command.readsCharts ?? false }

  /// Whether the command was only asked what it would do.
  var isDryRun: Bool { arguments?.has(.dryRun) == true }

  /// Whether the logs were named one by one.
  var namesFiles: Bool { arguments?.operands.isEmpty == false }

  func takes(_ flag: Flag) -> Bool { arguments?.takes(flag) ?? false }

  /// What to do if the disk of these folders is full. Another disk for spill files helps only if they
  /// are on this one.
  ///
  /// - Parameter spills: whether it is known that the disk holds spill files.
  func makeRoom(in folders: [String], spills: Bool = false) -> String {
    let holdsSpills = spills || folders.contains { Self.withoutSlash($0) == spillFolder }
    return takes(.spillDir) && arguments?.has(.spillDir) == false && holdsSpills
      ? "Free some space, or put spill files on another disk with --spill-dir" : "Free some space"
  }

  /// The folder that holds the spill files if `--spill-dir` is not given.
  private var spillFolder: String? {
    (arguments?.text(.out) ?? arguments?.text(.state)).map(Self.withoutSlash)
  }

  private static func withoutSlash(_ folder: String) -> String {
    Path.folder(of: Path.join(folder, "file")) ?? folder
  }

  /// A clause that advises another disk for spill files; empty if the command has no flag for it.
  var otherSpillDisk: String {
    takes(.spillDir) ? ", or put spill files on another one with --spill-dir" : ""
  }

  /// The outcome as a sentence, then `advice`.
  func after(_ advice: String?) -> String? {
    guard let outcome else { return advice }
    return outcome.prefix(1).uppercased() + outcome.dropFirst() + "."
      + (advice.map { " " + $0 } ?? "")
  }
}
