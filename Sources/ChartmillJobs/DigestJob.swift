internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// `chartmill digest`: the first phase alone, into a state folder.
package struct DigestJob: Sendable {
  private let configuration: JobConfiguration

  /// - Precondition: the configuration has a state folder; its output folder is not used.
  package init(_ configuration: JobConfiguration) {
    precondition(configuration.stateFolder != nil)
    self.configuration = configuration
  }

  /// What became of each day of the window.
  package struct Result: Sendable {
    package let digested: [Day]
    package let kept: [Day]
    /// Days without a log, or without an accepted row in their logs.
    package let missing: [Day]
    /// Those of `missing` that have a log.
    package let withoutRows: [Day]
    package let accepted: Int
    package let rejected: Int
    package let notices: [DigestNotice]
    /// What may have been meant as logs.
    package let overlooked: [OverlookedNames]
  }

  /// Digests every day of the window whose digest is not there or cannot serve.
  ///
  /// Time and memory: those of the first phase of `ChartJob`. Throws `JobError`; days that were
  /// finished before stay. Days without an accepted row are digested as well; a window without one
  /// then ends with `.noAcceptedRows`.
  package func run(onProgress: (Progress) -> Void) throws -> Result {
    let stopwatch = Stopwatch()
    let folder = configuration.stateFolder ?? ""
    let store = try DigestStore(folder: folder, waits: configuration.waitsForLock)
    // It publishes no date, so that its last day may be missing.
    var configuration = configuration
    configuration.allowsMissingLastDay = true
    let window = try Window.resolve(configuration)
    let scheme = PartitionScheme(partitions: configuration.partitions)
    let days = try SurveyedDay.survey(window.days, in: store, configuration)
    let plan = try MemoryPlan(configuration: configuration, scheme: scheme, days: days)
    let watch = ProgressWatch(window, partitions: 0, stopwatch)
    let phase = DigestPhase(
      configuration: configuration, scheme: scheme, arenas: try plan.makeArenas(),
      spillFolder: configuration.spillFolder ?? folder, progress: watch.counters)
    try DiskNeed.check(days, rowsPerSegment: plan.rowsPerSegment, configuration)
    let digest = try phase.run(days, in: store) {
      onProgress(watch.progress(.digest))
    }
    let logs = try digest.totals()
    let missing = try configuration.daysWithoutRows(
      window.first...window.last, missing: window.missing, logs)
    return Result(
      digested: window.days.map(\.day).filter { !digest.kept.contains($0) }, kept: digest.kept,
      missing: missing, withoutRows: missing.filter { !window.missing.contains($0) },
      accepted: logs.accepted, rejected: logs.rejected, notices: digest.notices,
      overlooked: window.overlooked)
  }
}
