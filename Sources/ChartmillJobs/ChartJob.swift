internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill run`: finds the logs, rolls them up, charts the partitions and publishes
/// the charts. The job of `chartmill chart` is `PartitionJob`.
package struct ChartJob: Sendable {
  private let request: ChartRequest
  private let end: WindowEnd
  private let state: StateOptions?

  /// - Parameter state: nil keeps no rollups.
  package init(_ request: ChartRequest, endingWith end: WindowEnd, state: StateOptions?) {
    self.request = request
    self.end = end
    self.state = state
  }

  /// Runs the job, and returns when the charts are published.
  ///
  /// Memory: at most `Resources.memory` resident, for the complete process. Disk: 6 bytes per row
  /// in the spill folder (8 with the minimum memory), plus the outputs.
  ///
  /// - Parameters:
  ///   - onProgress: called on the calling thread, about five times a second.
  ///   - onPrune: called after the charts are published, if there were older rollups to remove.
  /// - Throws: `JobError`, or an error of the layers below. In this case no chart is published, and
  ///   the previously published charts are unchanged.
  package func run(
    onProgress: (Progress) -> Void, onPrune: (PruneOutcome) -> Void = { _ in }
  ) throws -> Manifest {
    let stopwatch = Stopwatch()
    let (resources, outputFolder) = (request.resources, request.output.folder)
    let store = try state.map { try RollupStore(folder: $0.folder, waits: request.waits) }
    if let store, try store.isFolder(outputFolder) {
      throw PublicationError.stateIsOutput(path: outputFolder)
    }
    // A day that has only a kept rollup is in the window of a folder, but not of files named one by
    // one.
    let kept = request.source.takesKeptDays ? try store?.keptDays(endingWith: end) : nil
    let window = try LogWindow.resolve(
      request.source, request.window, endingWith: end, memory: resources.memory, kept: kept)
    let scheme = PartitionScheme(partitions: resources.partitions)
    let days = try SurveyedDay.survey(
      window.days, in: store, partitions: scheme.count, request.rows)
    let plan = try MemoryPlan(
      memory: resources.memory, threads: resources.threads, scheme: scheme,
      charts: request.charts, countries: request.rows.countries.count,
      keepsRejects: request.rejectsFile != nil, keepsRollups: store != nil, days: days)
    var publication = try Publication(folder: outputFolder, waits: request.waits)
    let rejects = try rejectsFile(beside: window)
    let watch = ProgressWatch(window, partitions: 2 * scheme.count, stopwatch)
    var phase = RollupPhase(
      rows: request.rows, maxBadRows: request.maxBadRows, scheme: scheme,
      arenas: try plan.makeArenas(), spillFolder: request.spillFolder,
      spillLimit: resources.spills.limit, progress: watch.counters, rejects: rejects)

    // Logs → spill files → charts.
    try DiskNeed.check(
      days, rowsPerSegment: plan.rowsPerSegment, encoding: request.charts.encoding,
      spillLimit: resources.spills.limit,
      JobFolders(output: outputFolder, state: state?.folder, spills: request.spillFolder))
    var rollup = try phase.run(days, in: store) { onProgress(watch.progress(.rollup)) }
    let waited = publication.waitedSeconds + (store?.waitedSeconds ?? 0)
    let rolledUp = stopwatch.seconds
    var charts: Charts?
    while charts == nil {
      do {
        charts = try chart(rollup, window, phase, &publication) {
          onProgress(watch.progress(.chart))
        }
      } catch SpillError.corrupt(let path, let offset) {
        // A kept rollup is damaged, so its day is rolled up again if its log still exists.
        guard let store,
          let day = window.days.first(where: { store.path(of: $0.day) == path }),
          rollup.kept.contains(day.day)
        else { throw SpillError.corrupt(path: path, offset: offset) }
        if day.files.isEmpty { throw StateError.unusableRollup(path: path, .damaged) }
        publication.abandon()
        try store.remove(day.day)
        let first = rollup
        let days = try SurveyedDay.survey(
          window.days, in: store, partitions: scheme.count, request.rows)
        rollup = try phase.run(days, in: store) {
          onProgress(watch.progress(.rollup))
        }
        // Days that this run rolled up itself do not count as kept.
        rollup.kept.removeAll { !first.kept.contains($0) }
        rollup.notices = first.notices + [RollupNotice(day: day.day, kind: .damaged)]
        rollup.spilledBytes += first.spilledBytes
        rollup.spilledRuns += first.spilledRuns
      }
    }
    guard let charts else { preconditionFailure("the loop ends with charts or an error") }
    let charted = stopwatch.seconds
    // The rest of the job uses the memory that was planned for the workers.
    phase.arenas = []

    // Charts → the output folder.
    onProgress(watch.progress(.publish))
    try StopRequest.check()
    var manifest = Manifest(
      .init(
        first: window.first, last: window.last, days: request.window.days, missing: charts.missing,
        withoutRows: charts.missing.filter { !window.missing.contains($0) }),
      request.charts, partitions: scheme.count, rules: request.rows,
      logs: charts.logs, logNotices: charts.logNotices, samples: rollup.samples,
      users: charts.users, countries: charts.countries, usersByStreams: charts.usersByStreams,
      run: .init(
        codec: codecName, threads: plan.workers, memoryBudget: resources.memory,
        peakResident: 0, spillBytes: rollup.spilledBytes, spillRuns: rollup.spilledRuns,
        seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0), keptDays: rollup.kept,
        notices: rollup.notices,
        logsChangedMicroseconds: window.days.lazy.flatMap(\.files).map(\.changedMicroseconds).max(),
        rejectedInReadLogs: rollup.days.reduce(0) {
          $0 + (rollup.kept.contains($1.day) ? 0 : $1.rejected)
        }, changes: SuddenChange.changes(on: window.last, rollup.recentDays),
        overlooked: window.overlooked, settings: request.settings))
    // The rejected rows are published first, because they are valid even if the charts fail.
    try rejects?.publish()
    try publication.commit(manifestName: charts.names.manifest, of: window.last) { file in
      // The outputs are on disk now, so the manifest can include the time that this took.
      let total = stopwatch.seconds
      manifest.run.peakResident = ProcessMemory.peakResident
      manifest.run.seconds = .init(
        waiting: waited, rollup: rolledUp - waited, chart: charted - rolledUp,
        publish: total - charted, total: total - waited)
      try file.write(manifest) { body in try rollup.forEachInput(body) }
    }
    if let store, let outcome = prune(store, window) { onPrune(outcome) }
    return manifest
  }

  /// Creates the file of rejected rows before the work begins, so that a path that cannot be
  /// written is reported at once.
  private func rejectsFile(beside window: LogWindow) throws -> RejectsFile? {
    guard let path = request.rejectsFile else { return nil }
    if let there = try? LogFile(path: path) {
      let isLog = window.days.contains { day in
        day.files.contains { $0.device == there.device && $0.inode == there.inode }
      }
      if isLog { throw PublicationError.reservedName(path: path, .rejects) }
    }
    return RejectsFile(try StagedFile(.rejects, replacing: path, mode: 0o600))
  }

  /// The staged chart files, and the data that they were made from.
  private struct Charts {
    let names: OutputNames
    /// The sums over the logs.
    let logs: LogTotals
    let logNotices: [Manifest.LogNotice]
    /// The days of the window that add no row to the charts.
    let missing: [Day]
    /// The file of user charts, and the file of user countries.
    let users: [PartitionedOutput.Written]
    let countries: CountryOutputs
    let usersByStreams: StreamHistogram
  }

  /// The second phase: charts the partitions and stages the chart files.
  ///
  /// - Throws: `SpillError.corrupt` if a spill file or a kept rollup is damaged.
  private func chart(
    _ rollup: RollupPhase.Result, _ window: LogWindow, _ phase: RollupPhase,
    _ publication: inout Publication, whileWaiting: () -> Void
  ) throws -> Charts {
    let (logs, missing) = try counts(rollup, window, phase.rejects)
    let logNotices = try rollup.notices(logs)
    let accepted = logs.accepted
    let (top, encoding) = (request.charts.top, request.charts.encoding)
    let codes = request.rows.countries
    let names = OutputNames(day: window.last, top: top, encoding)
    let output = PartitionedOutput(
      files: [
        try publication.stage(names.userCharts), try publication.stage(names.userCountries),
      ], partitions: phase.scheme.count)
    let countryCharts = CountryCharts(countries: codes.count, top: top)
    let runs = try SortedRunIndex(
      of: rollup.spills, partitionBits: phase.scheme.bits, arena: phase.arenas[0],
      spillFolder: phase.spillFolder)
    let builder = ChartPhase(
      runs: runs, scheme: phase.scheme, countries: codes, top: top,
      spillFolder: phase.spillFolder, encoding: encoding, output: output,
      countryCharts: countryCharts, progress: phase.progress)
    let totals = try builder.run(arenas: phase.arenas, whileWaiting: whileWaiting)
    guard totals.userStreams == accepted, totals.countryStreams == accepted else {
      // Every accepted row must be in exactly one chart of each kind.
      throw JobError.uncountedRows(
        users: totals.userStreams, countries: totals.countryStreams, accepted: UInt64(accepted))
    }
    let countries = try publication.stageCountries(
      countryCharts, names, codes: codes, request.charts,
      each: request.output.writesEachCountry, spillFolder: phase.spillFolder)
    if encoding.compresses { try output.completeEmptyGzip() }
    return Charts(
      names: names, logs: logs, logNotices: logNotices, missing: missing, users: output.totals,
      countries: countries,
      usersByStreams: totals.usersByStreams)
  }

  /// The sums over the logs, and the days that add no row.
  ///
  /// - Throws: `JobError.tooManyBadRows` and the errors of `daysWithoutRows`. The rejected rows are
  ///   published first, because they show the cause.
  private func counts(
    _ rollup: RollupPhase.Result, _ window: LogWindow, _ rejects: RejectsFile?
  ) throws -> (logs: LogTotals, missing: [Day]) {
    do {
      let logs = try rollup.totals(limit: request.maxBadRows)
      return (
        logs,
        try request.window.daysWithoutRows(
          window.first...window.last, missing: window.missing, logs)
      )
    } catch JobError.tooManyBadRows(var day) {
      try rejects?.publish()
      day.path = day.day.flatMap { [log = day.log] in window.path(ofLog: log, $0) }
      day.rejectsFile = request.rejectsFile
      throw JobError.tooManyBadRows(day)
    } catch {
      try rejects?.publish()
      throw error
    }
  }

  /// Removes old rollups; nil if there were none. A failure does not fail the run, because the
  /// charts are already published.
  private func prune(_ store: RollupStore, _ window: LogWindow) -> PruneOutcome? {
    guard let keepDays = state?.keepDays else { return nil }
    do {
      let gone = try store.prune(
        before: window.last.advanced(by: 1 - max(keepDays, request.window.days)))
      return gone.isEmpty ? nil : .dropped(gone)
    } catch {
      return .failed(error)
    }
  }
}
