internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

/// `chartmill plan`: what `run` would do with the same flags, on standard output.
struct PlanCommand: ChartmillCommand {
  static let name = "plan"
  static let group = CommandGroup.everyDay
  static let summary = "show what run would read, and what memory and disk it needs"
  static let usage = [
    "plan --logs DIR [FLAGS]", "plan FILE... [FLAGS]", "plan --state DIR [FLAGS]",
  ]
  static let description = """
    Shows the days and logs that 'run' would read, the days without a log, how it would spend \
    --memory, and about how much disk it needs. If that run would not start, the exit code is the \
    one of the run. Accepts every flag of 'run'. Looks only at names, sizes and kept rollups, and \
    writes nothing.
    """
  static let operand: ArgumentKind? = .file
  static let memory = "at most 16 MiB, plus about 1 KiB per log."
  static let examples = ["plan --logs logs --out charts --memory 64MiB"]
  /// Every flag of `run`, so that either command can be tried in place of the other.
  static let flags = RunCommand.flags.map { flag in
    let flagsWithoutEffect: [Flag] = [
      .maxBadRows, .keepDays, .wait, .quiet, .stats, .metrics, .report,
    ]
    return flagsWithoutEffect.contains { $0.name == flag.name }
      ? flag.explained("Accepted, as in 'run', but has no effect here.") : flag
  }.replacing(
    .out.explained("Folder for the charts; its free space is checked."),
    .rejects.explained("Plan memory for the file; it is not written."),
    .state.explained("Folder of kept rollups, used instead of the logs."))

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

  init(_ arguments: ParsedArguments) throws {
    source = try arguments.logSource(otherwise: arguments.has(.state) ? .keptDays : nil)
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
    stateFolder = try arguments.state()?.folder
    isJSON = arguments.has(.json)
    settings = try arguments.settings()
  }

  func perform() throws {
    let plan = try JobPlan(
      source: source, window: window, endingWith: end, rows: rows, keepsRejects: keepsRejects,
      charts: charts, resources: resources, outputFolder: outputFolder, stateFolder: stateFolder)
    let fit = Result { try plan.checkFit() }
    if isJSON {
      try PlanJSON(plan, settings, fits: (try? fit.get()) != nil).write(logsOf: plan)
    } else {
      try StandardOutput.write(PlanText(plan, settings).text)
    }
    try fit.get()
  }
}
