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

    // Find the logs, and plan the memory and disk space that they need.
    let inputs = try findInputs()
    let plan = try planMemory(for: inputs)
    var publication = try Publication(folder: request.output.folder, waits: request.waits)
    let waited = publication.waitedSeconds + (inputs.store?.waitedSeconds ?? 0)
    let rejects = try rejectsFile(beside: inputs.window)
    let watch = ProgressWatch(inputs.window, partitions: 2 * scheme.count, stopwatch)
    func report(_ phase: Progress.Phase) { onProgress(watch.progress(phase)) }
    var phase = RollupPhase(
      rows: request.rows, maxBadRows: request.maxBadRows, scheme: scheme,
      arenas: try plan.makeArenas(), spillFolder: request.spillFolder,
      spillLimit: request.resources.spills.limit, progress: watch.counters, rejects: rejects)
    try checkDisks(inputs, plan)

    // Logs → spill files → charts.
    var rollup = try phase.run(inputs.days, in: inputs.store) { report(.rollup) }
    let rolledUp = stopwatch.seconds
    let charts = try chartRepairing(&rollup, inputs, phase, &publication, report)
    let charted = stopwatch.seconds
    // The rest of the job uses the memory that was planned for the workers.
    phase.arenas = []

    // Charts → the output folder. The rejected rows are published first, because they are valid
    // even if the charts fail.
    report(.publish)
    try StopRequest.check()
    var manifest = manifest(inputs, plan, rollup, charts)
    try rejects?.publish()
    try publication.commit(manifestName: charts.names.manifest, of: inputs.window.last) { file in
      // The outputs are on disk now, so the manifest can include the time that this took.
      let total = stopwatch.seconds
      manifest.run.peakResident = ProcessMemory.peakResident
      manifest.run.seconds = .init(
        waiting: waited, rollup: rolledUp - waited, chart: charted - rolledUp,
        publish: total - charted, total: total - waited)
      try file.write(manifest) { body in try rollup.forEachInput(body) }
    }
    if let outcome = prune(inputs) { onPrune(outcome) }
    return manifest
  }

  private var scheme: PartitionScheme { PartitionScheme(partitions: request.resources.partitions) }

  /// The logs and kept rollups that the charts are made from.
  private struct Inputs {
    /// The kept rollups, locked; nil if none are kept.
    let store: RollupStore?
    let window: LogWindow
    let days: [SurveyedDay]
  }

  private func findInputs() throws -> Inputs {
    try request.source.checkApart(fromOutput: request.output.folder, state: state?.folder)
    let store = try state.map { try RollupStore(folder: $0.folder, waits: request.waits) }
    if let store, try store.isFolder(request.output.folder) {
      throw PublicationError.stateIsOutput(path: request.output.folder)
    }
    // A day that has only a kept rollup is in the window of a folder, but not of files named one by
    // one.
    let kept = request.source.takesKeptDays ? try store?.keptDays(endingWith: end) : nil
    let window = try LogWindow.resolve(
      request.source, request.window, endingWith: end, memory: request.resources.memory,
      kept: kept)
    return Inputs(store: store, window: window, days: try survey(window, in: store))
  }

  private func survey(_ window: LogWindow, in store: RollupStore?) throws -> [SurveyedDay] {
    try SurveyedDay.survey(window.days, in: store, partitions: scheme.count, request.rows)
  }

  private func planMemory(for inputs: Inputs) throws -> MemoryPlan {
    try MemoryPlan(
      memory: request.resources.memory, threads: request.resources.threads, scheme: scheme,
      charts: request.charts, countries: request.rows.countries.count,
      keepsRejects: request.rejectsFile != nil, keepsRollups: inputs.store != nil,
      days: inputs.days)
  }

  private func checkDisks(_ inputs: Inputs, _ plan: MemoryPlan) throws {
    try DiskNeed.check(
      inputs.days, rowsPerSegment: plan.rowsPerSegment, encoding: request.charts.encoding,
      spillLimit: request.resources.spills.limit,
      JobFolders(
        output: request.output.folder, state: state?.folder, spills: request.spillFolder))
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

  /// The second phase. If it finds a damaged kept rollup, the day is rolled up again, and all
  /// partitions are charted again.
  private func chartRepairing(
    _ rollup: inout RollupPhase.Result, _ inputs: Inputs, _ phase: RollupPhase,
    _ publication: inout Publication, _ report: (Progress.Phase) -> Void
  ) throws -> Charts {
    while true {
      do {
        return try chart(rollup, inputs.window, phase, &publication) { report(.chart) }
      } catch let error as SpillError {
        guard case .corrupt(let path, _) = error, let store = inputs.store,
          let day = inputs.window.days.first(where: { store.path(of: $0.day) == path }),
          rollup.kept.contains(day.day)
        else { throw error }
        if day.files.isEmpty { throw StateError.unusableRollup(path: path, .damaged) }
        publication.abandon()
        try store.remove(day.day)
        let days = try survey(inputs.window, in: store)
        let repaired = try phase.run(days, in: store) { report(.rollup) }
        rollup = repaired.repairing(day.day, of: rollup)
      }
    }
  }

  /// Charts the partitions and stages the chart files.
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

  /// The manifest without its times and its peak of memory.
  private func manifest(
    _ inputs: Inputs, _ plan: MemoryPlan, _ rollup: RollupPhase.Result, _ charts: Charts
  ) -> Manifest {
    let window = inputs.window
    let run = Manifest.Run(
      codec: codecName, threads: plan.workers, memoryBudget: request.resources.memory,
      peakResident: 0, spillBytes: rollup.spilledBytes, spillRuns: rollup.spilledRuns,
      seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0), keptDays: rollup.kept,
      notices: rollup.notices,
      logsChangedMicroseconds: window.days.lazy.flatMap(\.files).map(\.changedMicroseconds).max(),
      rejectedInReadLogs: rollup.rejectedInReadLogs,
      changes: SuddenChange.changes(on: window.last, rollup.recentDays),
      overlooked: window.overlooked, settings: request.settings)
    return Manifest(
      .init(
        first: window.first, last: window.last, days: request.window.days,
        missing: charts.missing,
        withoutRows: charts.missing.filter { !window.missing.contains($0) }),
      request.charts, partitions: scheme.count, rules: request.rows, logs: charts.logs,
      logNotices: charts.logNotices, samples: rollup.samples, users: charts.users,
      countries: charts.countries, usersByStreams: charts.usersByStreams, run: run)
  }

  /// Removes old rollups; nil if there were none. A failure does not fail the run, because the
  /// charts are already published.
  private func prune(_ inputs: Inputs) -> PruneOutcome? {
    guard let store = inputs.store, let keepDays = state?.keepDays else { return nil }
    do {
      let gone = try store.prune(
        before: inputs.window.last.advanced(by: 1 - max(keepDays, request.window.days)))
      return gone.isEmpty ? nil : .dropped(gone)
    } catch {
      return .failed(error)
    }
  }
}
