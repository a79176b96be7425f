internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

/// `chartmill plan`: what `run` would do with the same flags, on standard output.
struct PlanCommand: ChartmillCommand {
  static let name = "plan"
  static let group = CommandGroup.everyDay
  static let summary = "show what run would read, and what memory and disk it takes"
  static let usage = ["plan --logs DIR [FLAGS]", "plan FILE... [FLAGS]"]
  static let description = """
    Shows the window, the days without a log, how --memory is spent, and about how much disk is \
    needed. Takes every flag of 'run'. Looks at names, sizes and kept rollups, and writes nothing.
    """
  static let operand: ArgumentKind? = .file
  static let memory = "at most 16 MiB, and about 1 KiB per log."
  static let examples = ["plan --logs logs --out charts --memory 64MiB"]
  /// Every flag of `run`, so that either command can be tried in place of the other.
  static let flags = RunCommand.flags.map { flag in
    let flagsWithoutEffect: [Flag] = [.maxBadRows, .keepDays, .wait, .quiet, .stats, .metrics]
    return flagsWithoutEffect.contains { $0.name == flag.name }
      ? flag.explained("For 'run'; has no effect here.") : flag
  }.replacing(
    .out.explained("Folder of the charts, whose disk is checked."),
    .rejects.explained("Plan the memory for it; nothing is written."),
    .state.explained("Days with a kept rollup here are not read."))

  private let source: LogSource
  private let window: WindowRules
  private let end: WindowEnd
  private let rows: RowRules
  private let keepsRejects: Bool
  private let charts: ChartOptions
  private let resources: Resources
  private let outputFolder: String?
  private let stateFolder: String?

  init(_ arguments: ParsedArguments) throws {
    source = try arguments.logSource()
    outputFolder = try arguments.path(.out)
    // A value that 'run' refuses is refused here too, also of flags without effect.
    _ = try arguments.color()
    end = try arguments.windowEnd()
    window = try arguments.windowRules()
    charts = try arguments.charts()
    _ = try arguments.maxBadRows()
    keepsRejects = try arguments.rejectsFile() != nil
    rows = try arguments.rowRules()
    resources = try arguments.resources()
    stateFolder = try arguments.state()?.folder
  }

  func perform() throws {
    let plan = try JobPlan(
      source: source, window: window, endingWith: end, rows: rows, keepsRejects: keepsRejects,
      charts: charts, resources: resources, outputFolder: outputFolder, stateFolder: stateFolder)
    try StandardOutput.write(PlanText(plan).text)
  }
}
