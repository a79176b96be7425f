package import ChartmillModel
package import ChartmillSystem
internal import Synchronization

/// The totals of the partitions that were charted.
package struct ChartTotals: Sendable, Equatable {
  /// The streams counted in user charts, before the cut to the top songs.
  package var userStreams: UInt64 = 0
  /// The streams counted in country charts, before the cut to the top songs.
  package var countryStreams: UInt64 = 0
  package var usersByStreams = StreamHistogram()
}

/// The second phase, which turns the partitions of the spill files into charts.
///
/// Workers take partitions in order, first those of users and then those of countries. The sorted
/// runs of a partition are read from all spill files, merged into sorted slices, and charted in one
/// pass: user by user into chart lines, or country by country into `CountryCharts`.
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

  /// - Parameter output: the files of user charts and user countries, in this order.
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

  /// Charts all partitions with one worker per arena, and returns their totals.
  ///
  /// Throws the first error of any worker: `SpillError`, `SystemError` or `Interrupted`.
  package func run(arenas: [Arena], whileWaiting: () -> Void) throws -> ChartTotals {
    func wait() {
      whileWaiting()
      failure.capture { try output.synchronizeWhenComplete() }
    }
    try Workers.run(arenas.count, whileWaiting: wait) { [self] worker in
      failure.capture { try chart(arenas[worker]) }
      if failure.hasFailed { output.stop() }
    }
    try failure.throwIfFailed()
    // The workers may have ended before the last call of `whileWaiting`. This call makes a run do
    // the same system calls however long they took.
    try output.synchronizeWhenComplete()
    return totals.withLock { $0 }
  }

  private func chart(_ arena: Arena) throws {
    arena.reset()
    var worker = ChartWorker(
      in: arena, runs: runs.segments, scheme: scheme, countries: countries, top: top,
      spillFolder: spillFolder, encoding: encoding, output: output, countryCharts: countryCharts)
    while !failure.hasFailed {
      let unit = nextUnit.add(1, ordering: .relaxed).oldValue
      guard unit < 2 * scheme.count else { break }
      let kind = unit < scheme.count ? RecordKind.user : .country
      let partition = unit % scheme.count
      let runs = try runs.runs(kind, partition)
      try worker.chart(kind, partition, runs)
      // A sorted run is read once. If it stayed cached, a large output would compete with it for
      // memory.
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
