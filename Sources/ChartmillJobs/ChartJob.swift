internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The whole job, top to bottom: find the logs, roll them up, chart the partitions, publish.
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

  /// Blocks until the charts are published. `onProgress` is called on the calling thread, about
  /// five times a second.
  ///
  /// Memory: at most `Resources.memory` resident, for the whole process. Disk: 6 bytes a row
  /// in the spill folder, 8 with the least memory, and the outputs.
  ///
  /// `onPrune` is called when the charts are published and rollups of older days were dropped.
  ///
  /// - Throws: `JobError`. Nothing is published then, and what was published before is intact.
  package func run(
    onProgress: (Progress) -> Void, onPrune: (PruneOutcome) -> Void = { _ in }
  ) throws -> Manifest {
    let stopwatch = Stopwatch()
    let (resources, outputFolder) = (request.resources, request.output.folder)
    let store = try state.map { try RollupStore(folder: $0.folder, waits: request.waits) }
    if let store, try store.isFolder(outputFolder) {
      throw PublicationError.stateIsOutput(path: outputFolder)
    }
    // Of files that were named, no more than those days; of a folder, kept days too.
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
        // A kept rollup turned out to be damaged: roll its day up again, if its log is there.
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
        // What was rolled up a moment ago is kept now, but was not before this run.
        rollup.kept.removeAll { !first.kept.contains($0) }
        rollup.notices = first.notices + [RollupNotice(day: day.day, kind: .damaged)]
        rollup.spilledBytes += first.spilledBytes
        rollup.spilledRuns += first.spilledRuns
      }
    }
    guard let charts else { preconditionFailure("the loop ends with charts or an error") }
    let charted = stopwatch.seconds
    // What is made from here on takes memory that the plan gave to the workers.
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
        overlooked: window.overlooked))
    // Before the charts: when these cannot be published, the rejected rows are true all the same.
    try rejects?.publish()
    try publication.commit(manifestName: charts.names.manifest, of: window.last) { file in
      // Made when the outputs are on disk, so that it can say how long that took.
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

  /// Made before the work begins, so that a place that cannot be written in is told at once.
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

  /// The output files as staged.
  private struct Charts {
    let names: OutputNames
    /// What they were made from.
    let logs: LogTotals
    let logNotices: [Manifest.LogNotice]
    /// The days of the window that added no row.
    let missing: [Day]
    /// Their charts, and their countries.
    let users: [PartitionedOutput.Written]
    let countries: CountryOutputs
    let usersByStreams: StreamHistogram
  }

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
      // Every accepted row is in exactly one chart of each kind, or something was lost.
      throw SpillError.corrupt(path: phase.spillFolder, offset: 0)
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

  /// What the logs add up to, and the days that add no row. Throws what the counts of rows alone can
  /// fail; the rejected rows are then published, because they are what the user needs next.
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
      day.path = window.path(ofLog: day.log, day.day)
      day.rejectsFile = request.rejectsFile
      throw JobError.tooManyBadRows(day)
    } catch {
      try rejects?.publish()
      throw error
    }
  }

  /// Nil when nothing was to be dropped. The charts are published: a failure here is not the run's.
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
