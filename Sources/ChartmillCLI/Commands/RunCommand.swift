internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillReport
internal import ChartmillSystem
internal import ChartmillText
internal import Glibc

extension Flag {
  static let stats = Flag("stats", in: .other, "Also print the seconds that each step took.")
  static let metrics = Flag(
    "metrics", .file, in: .other, "Write metrics for Prometheus to FILE.")
  static let report = Flag(
    "report", in: .output, "Also write an HTML report of the run.")
}

/// `chartmill run`: progress on standard error, the summary on standard output.
struct RunCommand: ChartmillCommand {
  static let name = "run"
  static let group = CommandGroup.everyDay
  static let summary = "make the charts of the last 7 days, or of another window"
  static let usage = [
    "run --logs DIR --out DIR [FLAGS]", "run FILE... --out DIR [FLAGS]",
    "run --state DIR --out DIR [FLAGS]",
  ]
  static let description = """
    Reads logs named listen-YYYYMMDD.log[.gz] with rows sng_id|user_id|country. Writes the top \
    songs of each country and user, each user's country, and a manifest. If it fails, earlier \
    charts are unchanged. CHARTMILL_KEEP_DAYS=8 sets --keep-days, and so on for every flag.
    """
  static let operand: ArgumentKind? = .file
  static let memory = "at most --memory, whatever the logs contain."
  static let examples = ["run --logs logs --out charts --date 20260705 --memory 64MiB"]
  static let flags: [Flag] =
    [.logs] + FlagGroup.window + [.out] + FlagGroup.chartForm + [.report]
    + [.maxBadRows, .rejects] + FlagGroup.rowRules + FlagGroup.resources
    + [
      .state.explained("Keep a rollup of each day here, for later runs."),
      .keepDays,
    ]
    + [.wait, .quiet, .stats, .json, .metrics, .color]
  static let readsSettings = true
  static let leftByFailure: String? = "nothing was published"

  private let request: ChartRequest
  private let end: WindowEnd
  private let state: StateOptions?
  private let isQuiet: Bool
  private let isJSON: Bool
  private let palette: Palette
  private let showsStatistics: Bool
  private let metricsPath: String?
  private let writesReport: Bool

  init(_ arguments: ParsedArguments) throws {
    let out = try arguments.requiredPath(.out)
    let source = try arguments.logSource(otherwise: arguments.has(.state) ? .keptDays : nil)
    isQuiet = arguments.has(.quiet)
    isJSON = arguments.has(.json)
    palette = .standardError(try arguments.color())
    end = try arguments.windowEnd()
    request = try arguments.chartRequest(source, outputFolder: out)
    state = try arguments.state()
    showsStatistics = arguments.has(.stats)
    metricsPath = try arguments.path(.metrics)
    writesReport = arguments.has(.report)
  }

  func perform() throws {
    StopRequest.listen()
    StandardError.write(Warnings(request.resources).text(palette))
    let progress = ProgressBar(isSilent: isQuiet)
    let manifest: Manifest
    var pruned: PruneOutcome?
    var metrics: MetricsFile?
    do {
      if let metricsPath { metrics = try MetricsFile(metricsPath) }
      manifest = try progress.during {
        try ChartJob(request, endingWith: end, state: state).run(
          onProgress: { progress.show($0) }, onPrune: { pruned = $0 })
      }
    } catch {
      do {
        try metrics?.write(MetricsText(nil, finish: time(nil)).text)
      } catch {
        // This failure is only a warning, because the error that ended the run must be reported.
        let warning = Warnings("metrics: \(Explanation(error).problem)")
        StandardError.write(warning.text(palette))
      }
      throw error
    }
    var warnings = Warnings(manifest)
    if case .failed(let error) = pruned { warnings.add(Warnings(notPruned: error)) }
    StandardError.write(warnings.text(palette))
    do {
      try metrics?.write(MetricsText(manifest, finish: time(nil)).text)
    } catch {
      throw LateFileError(subject: "the metrics are", cause: error)
    }
    let report = try writesReport ? writeReport(manifest.date) : nil
    if isJSON {
      let results = RunJSON(
        manifest, of: request, deletedDays: pruned?.dropped ?? [], report: report,
        warnings: warnings.lines)
      return try writeSummary(JSONLine.text(results))
    }
    let summary = Summary(manifest, of: request, keepsRollups: state != nil, pruned, report: report)
    var text = isQuiet ? "" : summary.text
    if showsStatistics { text += summary.seconds }
    try writeSummary(text)
  }

  private func writeSummary(_ text: String) throws {
    do {
      try StandardOutput.write(text)
    } catch {
      throw LateFileError(subject: "the summary is", cause: error)
    }
  }

  /// Writes the page beside the charts, and returns its path.
  private func writeReport(_ date: Day) throws -> String {
    do {
      let file = ReportFile(in: request.output.folder, date: date)
      let report = try PublishedReport(folder: request.output.folder, date: date)
      try file.write(ReportPage(report).text)
      return file.path
    } catch {
      throw LateFileError(subject: "the report is", cause: error)
    }
  }
}
