internal import ChartmillDistributed
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  fileprivate static let logsOnly = Flag(
    "logs-only", in: .input, "Only check the logs, before their charts are made. Writes nothing.")
  fileprivate static let plan = Flag(
    "plan", .file, in: .input, "What 'plan --json' printed, for its warnings and kept days.")
  fileprivate static let storedIn = Flag(
    "stored-in", .text("PATH"), in: .output,
    "Folder, relative to the manifest, that the files will be in. Default: beside it.")
}

/// `chartmill assemble`: counts from standard input, country charts and manifest into a folder.
struct AssembleCommand: ChartmillCommand {
  static let name = "assemble"
  static let group = CommandGroup.manyMachines
  static let summary = "make the manifest and the country charts from all parts"
  static let usage = [
    "assemble --out DIR [FLAGS] < COUNTS", "assemble --logs-only [FLAGS] < FRAMES OF LOGS",
  ]
  static let description = """
    Reads the counts of 'rollup --frames' and 'chart' from standard input, in any order. Writes \
    the country charts and the manifest, and fails if a row is missing or was counted twice. With \
    --logs-only, reads only the frames of logs, and fails if the window or its bad rows would fail.
    """
  static let memory = "16 MiB, plus about 4 KiB per log and partition."
  static let examples = ["assemble --out charts --date 20260705 < counts"]
  static let flags: [Flag] =
    [.logsOnly, .plan] + FlagGroup.window + [
      .out.explained("Folder for the results, created if missing."), .storedIn,
      .chartsName.explained("Path of the file that the parts of user charts are joined into."),
      .userCountriesName.explained(
        "Path of the file that the parts of user countries are joined into."),
    ]
    + FlagGroup.chartForm
    + [.maxBadRows, .repair.explained("Use this if the rollups were made with --repair.")]
    + FlagGroup.countryCodes + [.partitions, .color]
  static let leftByFailure: String? = "nothing was published"

  private let job: AssembleJob
  private let palette: Palette
  private let checksLogsOnly: Bool

  init(_ arguments: ParsedArguments) throws {
    checksLogsOnly = arguments.has(.logsOnly)
    let folder = try checksLogsOnly ? "" : arguments.requiredPath(.out)
    palette = .standardError(try arguments.color())
    let end = try arguments.windowEnd()
    let window = try arguments.windowRules()
    let charts = try arguments.charts()
    let maxBadRows = try arguments.maxBadRows()
    job = AssembleJob(
      window: window, endingWith: end, rows: try arguments.rowRules(), maxBadRows: maxBadRows,
      charts: charts, partitions: try arguments.partitions(),
      output: arguments.output(in: folder), storedIn: try arguments.manifestPath(.storedIn),
      names: try arguments.userFileNames(),
      planned: try arguments.path(.plan).map(PlannedWindow.init(contentsOf:)))
  }

  func perform() throws {
    if checksLogsOnly { return try job.checkLogs() }
    let manifest = try job.run()
    StandardError.write(Warnings(manifest).text(palette))
  }
}
