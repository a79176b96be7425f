internal import ChartmillDistributed
internal import ChartmillSystem
internal import ChartmillText

/// `chartmill assemble`: counts from standard input, country charts and manifest into a folder.
struct AssembleCommand: ChartmillCommand {
  static let name = "assemble"
  static let group = CommandGroup.manyMachines
  static let summary = "make the manifest and the country charts from all parts"
  static let usage = ["assemble --out DIR [FLAGS] < COUNTS"]
  static let description = """
    Reads the counts of 'rollup --frames' and 'chart' from standard input, in any order. Writes \
    the country charts and the manifest, and fails if a row is missing or was counted twice.
    """
  static let memory = "16 MiB, plus about 4 KiB per log and partition."
  static let examples = ["assemble --out charts --date 20260705 < counts"]
  static let flags: [Flag] =
    FlagGroup.window + [.out.explained("Folder for the results, created if missing.")]
    + FlagGroup.chartForm
    + [.maxBadRows, .repair.explained("Use this if the rollups were made with --repair.")]
    + FlagGroup.countryCodes + [.partitions, .color]
  static let leftByFailure: String? = "nothing was published"

  private let job: AssembleJob
  private let palette: Palette

  init(_ arguments: ParsedArguments) throws {
    let folder = try arguments.requiredPath(.out)
    palette = .standardError(try arguments.color())
    let end = try arguments.windowEnd()
    let window = try arguments.windowRules()
    let charts = try arguments.charts()
    let maxBadRows = try arguments.maxBadRows()
    job = AssembleJob(
      window: window, endingWith: end, rows: try arguments.rowRules(), maxBadRows: maxBadRows,
      charts: charts, partitions: try arguments.partitions(),
      output: arguments.output(in: folder))
  }

  func perform() throws {
    let manifest = try job.run()
    StandardError.write(Warnings(manifest).text(palette))
  }
}
