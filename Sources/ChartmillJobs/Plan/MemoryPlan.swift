package import ChartmillCore
package import ChartmillModel
package import ChartmillSystem

/// Where the bytes of `--memory` go. All of it is decided before the first row is read: nothing
/// that is planned here grows with the input.
package struct MemoryPlan: Sendable, Equatable {
  /// Heap, stacks, manifest, and pages of code and libraries that are first touched later.
  /// Measured at 1 to 2 MiB above what is counted here.
  private static let reserveBytes = 4 << 20
  /// A worker's heap and stack as touched.
  private static let workerOverheadBytes = 192 << 10
  /// What is remembered of a day: its kept rollup, notices, and counts.
  private static let dayBytes = 1 << 10
  /// A run in the list of a partition's runs, and in the lists that a merge makes of it.
  private static let runBytes = 3 * MemoryLayout<SortedRun>.stride

  package let budget: Int
  /// Resident already when the plan was made: runtime, code, libraries.
  package let resident: Int
  package let reserve: Int
  /// The charts of all countries while they are merged.
  package let countryCharts: Int
  /// What is remembered of each day and each log of the window.
  package let window: Int
  /// What is left for the workers.
  package var forWorkers: Int { budget - resident - reserve - countryCharts - window }
  /// Workers the budget has room for; at most what was asked for.
  package let workers: Int
  /// A worker's open log, codec states and stack.
  package let workerFixed: Int
  /// A worker's arena: in the first phase rows, their scratch and the run writer; in the second
  /// records, their scratch, the run reader and text.
  package let workerArena: Int

  /// Rows a worker holds before it writes a segment: 8 bytes each, and as much scratch. A twelfth of
  /// the memory for rows is kept for those with outlying ids.
  package let rowsPerSegment: Int
  /// Runs of a partition a worker merges at once; of more, it makes longer runs first.
  package let mergeFanIn: Int

  /// - Parameters:
  ///   - memory: the budget in bytes.
  ///   - threads: the maximum number of workers.
  ///   - countries: how many there are.
  ///   - keepsRejects: whether rejected rows go to a file.
  ///   - keepsRollups: whether each day is rolled up by itself, into a state folder.
  ///   - days: the window. Names of logs are resident already, and grow with their number.
  ///   - resident: nil for what is resident now, once memory that was freed is given back.
  /// - Throws: `MemoryTooSmall` when not even one worker has room.
  package init(
    memory: Int, threads: Int, scheme: PartitionScheme, charts: ChartOptions, countries: Int,
    keepsRejects: Bool = false, keepsRollups: Bool = false, days: [SurveyedDay],
    resident: Int? = nil
  ) throws {
    budget = memory
    if let resident {
      self.resident = resident
    } else {
      ProcessMemory.giveBackFreed()
      self.resident = ProcessMemory.resident
    }
    reserve = Self.reserveBytes + (keepsRejects ? RejectsFile.byteCount : 0)
    countryCharts = CountryCharts.byteCount(countries: countries, top: charts.top)
    let workerFixed =
      LogText.byteCount + Deflate.byteCount + Self.workerOverheadBytes
      + (keepsRejects ? RejectedRows.byteCount : 0)
      + (charts.encoding.compresses ? ZlibCompressor.byteCount : 0)

    func rollupMemory(in arena: Arena) -> RollupBuilder.Memory {
      RollupBuilder.Memory(in: arena, partitionBits: scheme.bits)
    }
    func chartMemory(in arena: Arena) -> ChartWorker.Memory {
      ChartWorker.Memory(in: arena, top: charts.top, encoding: charts.encoding)
    }
    let logs = days.reduce(0) { $0 + $1.logCount }
    window = logs * LogMemory.logBytes + days.count * Self.dayBytes
    // Each segment brings a usual and an outlier run. Those of kept rollups are known. A row to read
    // takes 9 bytes of gzip or more, and up to 64 bytes of a worker's share while it is held.
    // Each worker may end a day that is rolled up by itself with a segment.
    let segmentsOfDay = keepsRollups ? min(threads, SegmentCompactor.maxSegments) : 0
    let kept = days.reduce(threads) { $0 + ($1.kept?.segments ?? segmentsOfDay) }
    let read = days.reduce(0.0) { $0 + ($1.kept == nil ? Double($1.logs.byteCount) : 0) }
    let segments = read / 9 * 64 * Double(threads) / Double(budget)
    // Logs of a size that no disk holds are planned as well, to be told that they do not fit.
    let runs = 2 * (kept + Int(min(segments, Double(budget / 64 / Self.runBytes))))
    self.workerFixed = workerFixed + runs * Self.runBytes
    let shared = self.resident + reserve + countryCharts + window
    let minArena = [
      Arena.byteCount(of: rollupMemory), Arena.byteCount(of: chartMemory),
      Arena.byteCount { SortedRunIndex.Memory(in: $0, partitionBits: scheme.bits) },
      Arena.byteCount { SegmentCompactor.Memory(in: $0, partitionBits: scheme.bits) },
    ].reduce(0, max)
    let least = shared + self.workerFixed + minArena
    guard budget >= max(least, Resources.minMemory) else {
      throw MemoryTooSmall(budget: budget, minimum: max(least, Resources.minMemory))
    }
    workers = max(1, min(threads, (budget - shared) / (self.workerFixed + minArena)))
    workerArena = ((budget - shared) / workers - self.workerFixed) & ~4095
    rowsPerSegment = rollupMemory(in: Arena(planning: workerArena)).rows
    mergeFanIn = chartMemory(in: Arena(planning: workerArena)).fanIn
  }

  package func makeArenas() throws -> [Arena] {
    try (0..<workers).map { _ in try Arena(byteCount: workerArena) }
  }
}
