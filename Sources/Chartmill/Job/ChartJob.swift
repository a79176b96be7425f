/// The whole job, top to bottom: find the logs, digest them, chart the partitions, publish.
public struct ChartJob: Sendable {
  private let configuration: JobConfiguration

  public init(_ configuration: JobConfiguration) {
    self.configuration = configuration
  }

  /// Makes SIGINT and SIGTERM end a run with `JobError.interrupted`, which leaves nothing behind,
  /// within about a second, instead of ending the process at once.
  public static func stopOnSignals() {
    StopRequest.listen()
  }

  /// Blocks until the charts are published. `onProgress` is called on the calling thread, about
  /// five times a second.
  ///
  /// Memory: at most `configuration.memory` resident, for the whole process. Disk: 6 bytes a row
  /// in the spill folder, 8 with the least memory, and the outputs.
  ///
  /// - Throws: `JobError`. Nothing is published then, and what was published before is intact.
  public func run(onProgress: (Progress) -> Void) throws(JobError) -> Manifest {
    let stopwatch = Stopwatch()
    let waits = configuration.waitsForLock
    var store: DigestStore?
    if let folder = configuration.stateFolder {
      store = try DigestStore(folder: folder, waits: waits)
    }
    if let store, try store.isFolder(configuration.outputFolder) {
      throw .stateIsOutput(path: configuration.outputFolder)
    }
    // Of files that were named, no more than those days; of a folder, kept days too.
    var kept: [Day] = []
    var newestKept: Day?
    if let store, configuration.source.takesKeptDays {
      kept = try store.days()
      newestKept = try store.newestWhole()
    }
    let window = try Window.resolve(configuration, kept: kept, newestKept: newestKept)
    let scheme = PartitionScheme(partitions: configuration.partitions)
    let plan = try MemoryPlan(configuration: configuration, scheme: scheme)
    let publication = try Publication(folder: configuration.outputFolder, waits: waits)
    let rejects = try rejectsFile(beside: window)
    let watch = ProgressWatch(window, partitions: 2 * scheme.count, stopwatch)
    let phase = DigestPhase(
      configuration: configuration, scheme: scheme, slabs: try plan.makeSlabs(),
      spillFolder: configuration.spillFolder ?? configuration.outputFolder,
      progress: watch.counters, rejects: rejects)

    // Logs → spill files → charts.
    let days = try phase.survey(window.days, in: store)
    try DiskNeed.check(days, rowsPerSegment: plan.rowsPerSegment, configuration)
    var digest = try phase.run(days, in: store) { onProgress(watch.progress(.digest)) }
    let digested = stopwatch.seconds
    var charts: Charts?
    while charts == nil {
      do throws(JobError) {
        charts = try chart(digest, window, phase, publication) {
          onProgress(watch.progress(.chart))
        }
      } catch {
        // A kept digest turned out to be damaged: digest its day again, if its log is there.
        guard let store, case .corruptSpill(let path, _) = error,
          let day = window.days.first(where: { store.path(of: $0.day) == path }),
          digest.kept.contains(day.day), !day.files.isEmpty
        else { throw error }
        publication.abandon()
        try store.remove(day.day)
        let first = digest
        digest = try phase.run(phase.survey(window.days, in: store), in: store) {
          onProgress(watch.progress(.digest))
        }
        // What was digested a moment ago is kept now, but was not before this run.
        digest.kept.removeAll { !first.kept.contains($0) }
        digest.notices = first.notices + [DigestNotice(day: day.day, kind: .damaged)]
        digest.spilledBytes += first.spilledBytes
        digest.spilledRuns += first.spilledRuns
      }
    }
    guard let charts else { preconditionFailure("the loop ends with charts or an error") }
    let charted = stopwatch.seconds

    // Charts → the output folder.
    onProgress(watch.progress(.publish))
    try StopRequest.check()
    var manifest = Manifest(
      configuration,
      .init(
        first: window.first, last: window.last, days: configuration.days, missing: window.missing),
      inputs: digest.inputs, samples: digest.samples, users: charts.users,
      countries: charts.countries, usersByStreams: charts.usersByStreams,
      run: .init(
        codec: codecName, threads: plan.workers, memoryBudget: configuration.memory,
        peakResident: 0, spillBytes: digest.spilledBytes, spillRuns: digest.spilledRuns,
        seconds: .init(digest: 0, chart: 0, publish: 0, total: 0), keptDays: digest.kept,
        notices: digest.notices, changes: SuddenChange.changes(on: window.last, digest.records)))
    // A manifest is text from outside: only names of charts are taken from it. A report that was
    // made of the charts before would tell of those.
    let former = try Manifest.published(charts.names.manifest, in: configuration.outputFolder)
    let published = Set(manifest.outputs.map(\.name))
    let obsolete =
      (former?.outputs ?? []).map(\.name)
      .filter { OutputNames.isChart($0, of: window.last) && !published.contains($0) }
      + [OutputNames.report(window.last)]
    // Before the charts: when these cannot be published, the rejected rows are true all the same.
    try rejects?.publish()
    try prune(store, window)
    try publication.commit(manifestName: charts.names.manifest) {
      // Made when the outputs are on disk, so that it can say how long that took.
      let total = stopwatch.seconds
      manifest.run.peakResident = ProcessMemory.peakResident
      manifest.run.seconds = .init(
        digest: digested, chart: charted - digested, publish: total - charted, total: total)
      return manifest.encoded()
    }
    publication.remove(obsolete)
    return manifest
  }

  /// Made before the work begins, so that a place that cannot be written in is told at once.
  private func rejectsFile(beside window: Window) throws(JobError) -> RejectsFile? {
    guard let path = configuration.rejectsFile else { return nil }
    if let there = try? LogFile(path: path) {
      let isLog = window.days.contains { day in
        day.files.contains { $0.device == there.device && $0.inode == there.inode }
      }
      if isLog { throw .rejectsIsLog(path: path) }
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if LogName.day(of: name) != nil { throw .rejectsIsLog(path: path) }
    return try RejectsFile(path)
  }

  /// The output files as staged.
  private struct Charts {
    let names: OutputNames
    /// Their charts, and their countries.
    let users: [PartitionedOutput.Written]
    let countries: CountryOutputs
    let usersByStreams: StreamHistogram
  }

  private func chart(
    _ digest: DigestPhase.Result, _ window: Window, _ phase: DigestPhase,
    _ publication: Publication, whileWaiting: () -> Void
  ) throws(JobError) -> Charts {
    try configuration.checkBadRows(digest.inputs, rejects: phase.rejects)
    let accepted = digest.inputs.reduce(0) { $0 + $1.accepted }
    let encoding = configuration.encoding
    let names = OutputNames(day: window.last, top: configuration.top, encoding)
    let output = PartitionedOutput(
      files: [
        try publication.stage(names.userCharts), try publication.stage(names.userCountries),
      ], partitions: phase.scheme.count)
    let countryCharts = CountryCharts(
      countries: configuration.countries.count, top: configuration.top)
    let charter = PartitionCharter(
      spills: digest.spills, scheme: phase.scheme, countries: configuration.countries,
      top: configuration.top, spillFolder: phase.spillFolder,
      encoding: encoding, output: output,
      countryCharts: countryCharts, progress: phase.progress)
    let totals = try charter.run(slabs: phase.slabs, whileWaiting: whileWaiting)
    guard totals.userStreams == accepted, totals.countryStreams == accepted else {
      // Every accepted row is in exactly one chart of each kind, or something was lost.
      throw .corruptSpill(path: phase.spillFolder, offset: 0)
    }
    let countries = try publication.stageCountries(countryCharts, names, configuration)
    if encoding.compresses { try output.completeEmptyGzip() }
    return Charts(
      names: names, users: output.totals, countries: countries,
      usersByStreams: totals.usersByStreams)
  }

  private func prune(_ store: DigestStore?, _ window: Window) throws(JobError) {
    guard let store, let keepDays = configuration.keepDays else { return }
    let oldest = window.last.advanced(by: 1 - max(keepDays, configuration.days))
    for day in try store.days() where day < oldest { try store.remove(day) }
  }
}
