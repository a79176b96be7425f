internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  fileprivate static let listing = Flag(
    "listing", .file, in: .input,
    "'SIZE NAME' lines in place of --logs; '-' for stdin.")
  fileprivate static let kept = Flag(
    "kept", .file, in: .state, "Records of rollups, for --listing; see docs/distributed.md.")
}

/// `chartmill plan`: what `run` would do with the same flags, on standard output.
struct PlanCommand: ChartmillCommand {
  static let name = "plan"
  static let group = CommandGroup.everyDay
  static let summary = "show what run would read, and what memory and disk it needs"
  static let usage = [
    "plan --logs DIR | FILE... | --state DIR [FLAGS]"
  ]
  static let description = """
    Shows the window, logs, memory and disk of a 'run' with the same flags. If that run would not \
    start, the exit code is the one of the run. Looks only at names, sizes and kept rollups, and \
    writes nothing.
    """
  static let operand: ArgumentKind? = .file
  static let memory = "at most 16 MiB, plus about 1 KiB per log."
  static let examples = ["plan --logs logs --out charts --memory 64MiB"]
  /// Every flag of `run`, so that either command can be tried in place of the other.
  static let flags =
    RunCommand.flags.map { flag in
      let flagsWithoutEffect: [Flag] = [
        .maxBadRows, .keepDays, .wait, .quiet, .stats, .metrics, .report,
      ]
      return flagsWithoutEffect.contains { $0.name == flag.name }
        ? flag.explained("Accepted, as in 'run', but has no effect here.") : flag
    }.replacing(
      .out.explained("Folder for the charts; its free space is checked."),
      .rejects.explained("Plan memory for the file; it is not written."),
      .state.explained("Folder of kept rollups, used instead of the logs.")) + [.listing, .kept]

  static let readsSettings = true

  private let source: LogSource
  private let window: WindowRules
  private let end: WindowEnd
  private let rows: RowRules
  private let keepsRejects: Bool
  private let charts: ChartOptions
  private let resources: Resources
  private let outputFolder: String?
  private let stateFolder: String?
  private let isJSON: Bool
  private let settings: [String: Manifest.Setting]
  private let stored: StoredRollups?
  private let keepDays: Int?

  init(_ arguments: ParsedArguments) throws {
    source = try Self.source(arguments)
    outputFolder = try arguments.path(.out)
    // A value that `run` refuses is refused here too, even for a flag that has no effect here.
    _ = try arguments.color()
    end = try arguments.windowEnd()
    window = try arguments.windowRules()
    charts = try arguments.charts()
    _ = try arguments.maxBadRows()
    keepsRejects = try arguments.rejectsFile() != nil
    rows = try arguments.rowRules()
    resources = try arguments.resources()
    settings = try arguments.settings()
    if let path = try arguments.path(.kept) {
      guard case .listing = source else {
        throw arguments.usageError(
          "--kept is only for a listing", fix: "Add --listing, or use --state DIR.")
      }
      stored = try StoredRollups(contentsOf: path)
      keepDays = try arguments.keepDays()
      stateFolder = nil
    } else {
      (stored, keepDays) = (nil, nil)
      stateFolder = try arguments.state()?.folder
    }
    isJSON = arguments.has(.json)
  }

  private static func source(_ arguments: ParsedArguments) throws -> LogSource {
    let source = try arguments.logSource(otherwise: arguments.has(.state) ? .keptDays : nil)
    guard let path = try arguments.path(.listing) else { return source }
    guard case .folder(let folder) = source else {
      throw arguments.usageError(
        "--listing needs --logs, the name of the folder that was listed",
        fix: "Add --logs, for example --logs s3a://logs/listen.")
    }
    if arguments.has(.state) {
      throw arguments.usageError(
        "--listing and --state were both given, but a state folder needs the logs themselves",
        fix: "Leave out one of the two flags, or use --kept.")
    }
    return .listing(path: path, of: folder)
  }

  func perform() throws {
    let plan = try JobPlan(
      source: source, window: window, endingWith: end, rows: rows, keepsRejects: keepsRejects,
      charts: charts, resources: resources, outputFolder: outputFolder, stateFolder: stateFolder,
      stored: stored, keepDays: keepDays)
    let fit = Result { try plan.checkFit() }
    if isJSON {
      try PlanJSON(plan, settings, fits: (try? fit.get()) != nil).write(logsOf: plan)
    } else {
      try StandardOutput.write(PlanText(plan, settings).text)
    }
    try fit.get()
  }
}
