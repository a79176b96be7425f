internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill rollup`: the first phase alone, into a state folder.
package struct RollupJob: Sendable {
  private let source: LogSource
  private let window: WindowRules
  private let end: WindowEnd
  private let rows: RowRules
  private let resources: Resources
  private let stateFolder: String
  private let waits: Bool

  /// - Parameters:
  ///   - stateFolder: the folder that the rollups are kept in.
  ///   - waits: waits for a state folder that another process has locked, instead of failing.
  package init(
    source: LogSource, window: WindowRules, endingWith end: WindowEnd, rows: RowRules,
    resources: Resources, stateFolder: String, waits: Bool
  ) {
    self.source = source
    self.window = window
    self.end = end
    self.rows = rows
    self.resources = resources
    self.stateFolder = stateFolder
    self.waits = waits
  }

  /// What was done for each day of the window.
  package struct Result: Sendable {
    package let rolledUp: [Day]
    package let kept: [Day]
    /// The days without a log, or without an accepted row in their logs.
    package let missing: [Day]
    /// The days of `missing` that have a log.
    package let withoutRows: [Day]
    package let accepted: Int
    package let rejected: Int
    package let notices: [RollupNotice]
    /// Names that may have been meant as logs.
    package let overlooked: [OverlookedNames]
  }

  /// Rolls up every day of the window that has no usable rollup.
  ///
  /// Days without an accepted row are rolled up too. If the window has no accepted row at all, the
  /// job then fails with `WindowError.noAcceptedRows`.
  ///
  /// Time and memory: those of the first phase of `ChartJob`.
  ///
  /// - Throws: what the first phase of `ChartJob` throws. Rollups that are already finished stay.
  package func run(onProgress: (Progress) -> Void) throws -> Result {
    let stopwatch = Stopwatch()
    try source.checkApart(fromOutput: nil, state: stateFolder)
    let store = try RollupStore(folder: stateFolder, waits: waits)
    let rules = self.window
    let window = try LogWindow.resolve(source, rules, endingWith: end, memory: resources.memory)
    let scheme = PartitionScheme(partitions: resources.partitions)
    let days = try SurveyedDay.survey(window.days, in: store, partitions: scheme.count, rows)
    // This is the plan of a run with the default charts, so that segments have the same length.
    let plan = try MemoryPlan(
      memory: resources.memory, threads: resources.threads, scheme: scheme,
      charts: ChartOptions(), countries: rows.countries.count, keepsRollups: true, days: days)
    let spillFolder = resources.spills.folder ?? stateFolder
    let watch = ProgressWatch(window, partitions: 0, stopwatch)
    let phase = RollupPhase(
      rows: rows, scheme: scheme, arenas: try plan.makeArenas(), spillFolder: spillFolder,
      spillLimit: resources.spills.limit, progress: watch.counters)
    try DiskNeed.check(
      days, rowsPerSegment: plan.rowsPerSegment, encoding: nil,
      spillLimit: resources.spills.limit,
      JobFolders(output: nil, state: stateFolder, spills: spillFolder))
    let rollup = try phase.run(days, in: store) {
      onProgress(watch.progress(.rollup))
    }
    let logs = try rollup.totals()
    let missing = try rules.daysWithoutRows(
      window.first...window.last, missing: window.missing, logs)
    return Result(
      rolledUp: window.days.map(\.day).filter { !rollup.kept.contains($0) }, kept: rollup.kept,
      missing: missing, withoutRows: missing.filter { !window.missing.contains($0) },
      accepted: logs.accepted, rejected: logs.rejected, notices: rollup.notices,
      overlooked: window.overlooked)
  }
}
