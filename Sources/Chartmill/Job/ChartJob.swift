internal import Synchronization

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
  /// Memory: at most `configuration.memory` resident, for the whole process. Disk: about 7 bytes a
  /// row in the spill folder, and the outputs.
  ///
  /// - Throws: `JobError`. Nothing is published then, and what was published before is intact.
  public func run(onProgress: (Progress) -> Void) throws(JobError) -> Manifest {
    let stopwatch = Stopwatch()
    let window = try Window.resolve(configuration)
    let scheme = PartitionScheme(partitions: configuration.partitions)
    let plan = try MemoryPlan(configuration: configuration, scheme: scheme)
    let publication = try Publication(folder: configuration.outputFolder)
    let spillFolder = configuration.spillFolder ?? configuration.outputFolder
    let names = OutputNames(day: window.last, top: configuration.top)
    let slabs = try plan.makeSlabs()
    let watch = ProgressWatch(window, partitions: 2 * scheme.count, stopwatch)

    // Logs → spill files.
    let digester = LogDigester(
      logs: window.days.flatMap { day in day.files.map { (day: day.day, log: $0) } },
      parser: RowParser(countries: configuration.countries, repair: configuration.repair),
      scheme: scheme, spillFolder: spillFolder, progress: watch.counters)
    let digest = try digester.run(slabs: slabs) { onProgress(watch.progress(.digest)) }
    let digested = stopwatch.seconds
    let tally = digest.logs.reduce(into: RejectTally()) { $0.merge($1.tally) }
    try check(tally)

    // Spill files → charts.
    let output = PartitionedOutput(files: [
      try publication.stage(names.userCharts), try publication.stage(names.userCountries),
    ])
    let countryCharts = CountryCharts(
      countries: configuration.countries.count, top: configuration.top)
    let charter = PartitionCharter(
      spills: digest.spills, scheme: scheme, countries: configuration.countries,
      top: configuration.top, spillFolder: spillFolder, output: output,
      countryCharts: countryCharts, progress: watch.counters)
    let totals = try charter.run(slabs: slabs) { onProgress(watch.progress(.chart)) }
    guard totals.userStreams == tally.accepted, totals.countryStreams == tally.accepted else {
      // Every accepted row is in exactly one chart of each kind, or something was lost.
      throw .corruptSpill(path: spillFolder, offset: 0)
    }
    let countryFile = try CountryChartFile.write(
      countryCharts, codes: configuration.countries, top: configuration.top,
      to: try publication.stage(names.countryCharts))
    let charted = stopwatch.seconds

    // Charts → the output folder.
    onProgress(watch.progress(.publish))
    try StopRequest.check()
    let users = output.totals
    var manifest = Manifest(
      date: window.last,
      window: .init(
        first: window.first, last: window.last, days: configuration.days, missing: window.missing),
      partitions: scheme.count, top: configuration.top,
      inputs: digest.logs.map { .init($0) },
      totals: .init(
        tally, samples: digest.logs.flatMap { log in Manifest.samples(log) },
        users: users[0].lines, countries: countryFile.lines),
      outputs: [
        .init(names.countryCharts, countryFile), .init(names.userCharts, users[0]),
        .init(names.userCountries, users[1]),
      ],
      run: .init(
        codec: codecName, threads: plan.workers, memoryBudget: configuration.memory,
        peakResident: ProcessMemory.peakResident, spillBytes: digest.spilledBytes,
        spillRuns: digest.spilledRuns,
        seconds: .init(
          digest: digested, chart: charted - digested, publish: 0, total: charted)))
    try publication.commit(manifestName: names.manifest) {
      // Made when the outputs are on disk, so that it can say how long that took.
      let total = stopwatch.seconds
      manifest.run.peakResident = ProcessMemory.peakResident
      manifest.run.seconds = .init(
        digest: digested, chart: charted - digested, publish: total - charted, total: total)
      return manifest.encoded()
    }
    return manifest
  }

  private func check(_ tally: RejectTally) throws(JobError) {
    let limit = configuration.maxBadRows
    if Double(tally.rejected) > limit * Double(tally.rows) {
      throw .tooManyBadRows(rejected: tally.rejected, rows: tally.rows, limit: limit)
    }
  }
}

/// What the files of one date are called.
struct OutputNames: Sendable {
  let countryCharts: String
  let userCharts: String
  let userCountries: String
  let manifest: String

  init(day: Day, top: Int) {
    countryCharts = "country_top\(top)_\(day).txt"
    userCharts = "user_top\(top)_\(day).txt"
    userCountries = "user_country_\(day).txt"
    manifest = "manifest_\(day).json"
  }
}

/// Turns what the workers count into what a person is shown.
private struct ProgressWatch {
  let counters = ProgressCounters()
  private let inputBytes: Int
  private let partitions: Int
  private let stopwatch: Stopwatch

  init(_ window: Window, partitions: Int, _ stopwatch: Stopwatch) {
    inputBytes = window.days.reduce(0) { $1.files.reduce($0) { $0 + $1.byteCount } }
    self.partitions = partitions
    self.stopwatch = stopwatch
  }

  func progress(_ phase: Progress.Phase) -> Progress {
    Progress(
      phase: phase, inputBytesRead: counters.inputBytesRead.load(ordering: .relaxed),
      inputBytes: inputBytes, rows: counters.rows.load(ordering: .relaxed),
      partitionsCharted: counters.partitionsCharted.load(ordering: .relaxed),
      partitions: partitions, seconds: stopwatch.seconds)
  }
}
