package import ChartmillModel
package import ChartmillSystem
internal import Synchronization

/// What all partitions together gave.
package struct ChartTotals: Sendable, Equatable {
  /// Streams counted in the user charts, and in the country charts, before the cut to the top.
  package var userStreams: UInt64 = 0
  package var countryStreams: UInt64 = 0
  package var usersByStreams = StreamHistogram()
}

/// The second phase: partitions of the spill files become charts.
///
/// Workers take partitions in order, the users' first. A partition is gathered from all spill
/// files, merged into sorted slices, and read once: user by user into chart lines, or country by
/// country into `CountryCharts`.
package final class ChartPhase: Sendable {
  private let runs: SortedRunIndex
  private let scheme: PartitionScheme
  private let countries: CountryList
  private let top: Int
  private let spillFolder: String
  private let encoding: ChartEncoding
  private let output: PartitionedOutput
  private let countryCharts: CountryCharts
  private let progress: ProgressCounters
  private let failure = FirstFailure()
  private let nextUnit = Atomic<Int>(0)
  private let totals = Locked(ChartTotals())

  /// - Parameter output: of two files, user charts and user countries.
  package init(
    runs: SortedRunIndex, scheme: PartitionScheme, countries: CountryList, top: Int,
    spillFolder: String, encoding: ChartEncoding, output: PartitionedOutput,
    countryCharts: CountryCharts,
    progress: ProgressCounters
  ) {
    self.runs = runs
    self.scheme = scheme
    self.countries = countries
    self.top = top
    self.spillFolder = spillFolder
    self.encoding = encoding
    self.output = output
    self.countryCharts = countryCharts
    self.progress = progress
  }

  package func run(arenas: [Arena], whileWaiting: () -> Void) throws -> ChartTotals {
    func wait() {
      whileWaiting()
      failure.capture { try output.synchronizeWhenWhole() }
    }
    try Workers.run(arenas.count, whileWaiting: wait) { [self] worker in
      failure.capture { try chart(arenas[worker]) }
      if failure.hasFailed { output.stop() }
    }
    try failure.throwIfFailed()
    // If the workers ended first: so that a run makes the same calls however long they took.
    try output.synchronizeWhenWhole()
    return totals.withLock { $0 }
  }

  private func chart(_ arena: Arena) throws {
    arena.reset()
    var worker = ChartWorker(
      in: arena, scheme: scheme, countries: countries, top: top, spillFolder: spillFolder,
      encoding: encoding, output: output, countryCharts: countryCharts)
    while !failure.hasFailed {
      let unit = nextUnit.add(1, ordering: .relaxed).oldValue
      guard unit < 2 * scheme.count else { break }
      let kind = unit < scheme.count ? RecordKind.user : .country
      let partition = unit % scheme.count
      let runs = try runs.runs(kind, partition)
      try worker.chart(kind, partition, runs)
      // Each run is read once. A large output would otherwise compete with them for memory.
      for run in runs { run.file.release(run.offset..<run.end) }
      progress.partitionsCharted.add(1, ordering: .relaxed)
    }
    totals.withLock {
      $0.userStreams += worker.totals.userStreams
      $0.countryStreams += worker.totals.countryStreams
      $0.usersByStreams.merge(worker.totals.usersByStreams)
    }
  }
}
