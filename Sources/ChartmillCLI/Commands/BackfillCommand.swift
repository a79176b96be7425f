internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  fileprivate static let from = Flag("from", .date, in: .input, "First date to chart.")
  fileprivate static let to = Flag("to", .date, in: .input, "Last date to chart.")
}

/// `chartmill backfill`: one line per date on standard output.
struct BackfillCommand: ChartmillCommand {
  static let name = "backfill"
  static let group = CommandGroup.everyDay
  static let summary = "make the charts of every date in a range"
  static let usage = [
    "backfill --logs DIR --out DIR --state DIR --from DATE --to DATE [FLAGS]"
  ]
  static let description = """
    Makes the charts of each date and reads each log only once. Skips dates that already have \
    charts, so the same command continues after a failure. Also skips dates without a log of \
    their own; the exit code is then 66.
    """
  static let memory = RunCommand.memory
  static let examples = [
    "backfill --logs logs --out charts --state state --from 20260601 --to 20260630"
  ]
  static let flags: [Flag] =
    [.logs.explained("Folder of logs to read."), .from, .to, .days]
    + [.requireAllDays, .allowMissingLastDay, .out] + FlagGroup.chartForm
    + [.maxBadRows] + FlagGroup.rowRules + FlagGroup.resources
    + [
      .state.explained("Folder of kept rollups, which later runs use instead of the logs."),
      .keepDays, .dryRun.explained("Only show which dates would be charted."), .wait, .quiet,
      .json.explained("Print one JSON object per date, each on its own line."), .color,
    ]
  static let readsSettings = true
  static let leftByFailure: String? = "finished dates stay published"

  private let job: BackfillJob
  private let request: ChartRequest
  private let isDryRun: Bool
  private let isJSON: Bool
  private let isQuiet: Bool
  private let palette: Palette

  init(_ arguments: ParsedArguments) throws {
    var state = StateOptions(folder: try arguments.requiredPath(.state))
    let out = try arguments.requiredPath(.out)
    let source = try arguments.logSource()
    isQuiet = arguments.has(.quiet)
    isDryRun = arguments.has(.dryRun)
    isJSON = arguments.has(.json)
    palette = .standardError(try arguments.color())
    request = try arguments.chartRequest(source, outputFolder: out)
    state.keepDays = try arguments.keepDays()
    guard let from = try arguments.day(.from), let to = try arguments.day(.to) else {
      throw arguments.usageError(
        "--from and --to are required", fix: "Use --from YYYYMMDD --to YYYYMMDD.")
    }
    guard from <= to else {
      throw arguments.usageError(
        "--from \(from) is after --to \(to)", fix: "Use --from \(to) --to \(from).")
    }
    job = BackfillJob(request, dates: from...to, state: state)
  }

  func perform() throws {
    StopRequest.listen()
    if isDryRun { return try preview() }
    StandardError.write(Warnings(request.resources).text(palette))
    let progress = ProgressBar(isSilent: isQuiet)
    // If the line of a date cannot be written, the later dates are still charted.
    var failure: (any Error)?
    func answer(_ text: String) {
      do { try StandardOutput.write(text) } catch { failure = failure ?? error }
    }
    // Every date reads the same folder, so names that are overlooked there are reported once.
    var overlooked: [OverlookedNames] = []
    var dropped: [Day] = []
    try progress.during {
      try job.run {
        progress.show($0)
      } onPrune: { outcome in
        switch outcome {
        case .dropped(let days): dropped += days
        case .failed(let error):
          progress.clear()
          StandardError.write(Warnings(notPruned: error).text(palette))
        }
      } onDate: { day, outcome in
        progress.clear()
        var results: RunJSON?
        if case .charted(var manifest) = outcome {
          if manifest.run.overlooked == overlooked {
            manifest.run.overlooked = []
          } else {
            overlooked = manifest.run.overlooked
          }
          let warnings = Warnings(manifest)
          StandardError.write(warnings.text(palette))
          results = RunJSON(
            manifest, of: request, deletedDays: dropped, warnings: warnings.lines)
        }
        answer(
          isJSON
            ? JSONLine.text(BackfillJSON(day, outcome, results)) : text(day, outcome, dropped))
        if results != nil { dropped = [] }
      }
    }
    if let failure { throw failure }
  }

  private func preview() throws {
    var failure: (any Error)?
    try job.preview { day, outcome in
      do {
        try StandardOutput.write(
          isJSON ? JSONLine.text(BackfillJSON(day, outcome)) : text(day, outcome, []))
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  /// One line for people; empty with `--quiet`.
  ///
  /// - Parameter dropped: the days whose rollups were deleted.
  private func text(_ day: Day, _ outcome: BackfillJob.Outcome, _ dropped: [Day]) -> String {
    if isQuiet, !isDryRun { return "" }
    return switch outcome {
    case .finishedBefore: "\(day) skipped: already charted\n"
    case .skipped(let reason): "\(day) skipped: \(Explanation(reason).problem)\n"
    case .due: "\(day) would be charted\n"
    case .charted(let manifest):
      "\(day) charted: \(counted(manifest.totals.accepted, "row")), "
        + "\(counted(manifest.totals.users, "user")), "
        + "\(decimal(manifest.run.seconds.total, 1)) s, "
        + "\(manifest.run.keptDays.count) of \(manifest.window.days) days from kept rollups"
        + (dropped.isEmpty ? "" : ", deleted rollups of \(days(dropped))") + "\n"
    }
  }
}
