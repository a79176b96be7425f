package import ChartmillCore
package import ChartmillModel
package import ChartmillSystem

/// How the bytes of `--memory` are used. The plan is made before the first row is read, and nothing
/// that is planned here grows with the contents of the logs.
package struct MemoryPlan: Encodable, Sendable, Equatable {
  /// `chartmill plan --json` prints the plan with these keys, two of which are the manifest's.
  private enum CodingKeys: String, CodingKey {
    case budget = "memoryBudget"
    case workers = "threads"
    case resident, reserve, countryCharts, window, workerFixed, workerArena, rowsPerSegment
    case mergeFanIn
  }

  /// The reserve for the heap, stacks, the manifest, and pages of code and libraries that are not
  /// touched yet. Measurements show 1 to 2 MiB.
  private static let reserveBytes = 4 << 20
  /// The heap of a worker and the part of its stack that it touches.
  private static let workerOverheadBytes = 192 << 10
  /// The memory of a day: its kept rollup, notices and counts.
  private static let dayBytes = 1 << 10
  /// The memory of a sorted run in the list of a partition's runs, and in the lists that a merge
  /// makes from it.
  private static let runBytes = 3 * MemoryLayout<SortedRun>.stride

  /// The limit from `--memory`, in bytes.
  package let budget: Int
  /// The bytes that were resident when the plan was made: the runtime, code and libraries.
  package let resident: Int
  /// The reserve for memory that is not planned in detail.
  package let reserve: Int
  /// The memory of the charts of all countries.
  package let countryCharts: Int
  /// The memory of the days and logs of the window.
  package let window: Int
  /// The memory that is left for the workers.
  package var forWorkers: Int { budget - resident - reserve - countryCharts - window }
  /// The number of workers: as many as fit in the budget, and at most `threads`.
  package let workers: Int
  /// The memory of a worker's open log, codec states, stack and lists of sorted runs.
  package let workerFixed: Int
  /// The size of a worker's arena. In the first phase, it holds rows, their scratch and the writer
  /// of sorted runs. In the second phase, it holds records, their scratch, the reader of sorted
  /// runs and text.
  package let workerArena: Int

  /// The number of rows that a worker holds before it writes a segment. A row takes 20 bytes,
  /// including its prefix and scratch, or 52 with a wide key. A twelfth of the memory for rows is
  /// reserved for outliers.
  package let rowsPerSegment: Int
  /// The number of sorted runs of a partition that a worker merges at once. If there are more, it
  /// first merges them into longer ones.
  package let mergeFanIn: Int

  /// - Parameters:
  ///   - memory: the budget in bytes.
  ///   - threads: the maximum number of workers.
  ///   - countries: the number of countries.
  ///   - keepsRejects: whether rejected rows go to a file.
  ///   - keepsRollups: whether each day is rolled up separately, into a state folder.
  ///   - days: the days of the window. The names of their logs are already resident.
  ///   - resident: the resident bytes to plan with; nil measures them, after freed memory is
  ///     returned to the kernel.
  /// - Throws: `MemoryTooSmall` if not even one worker fits.
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
      TextReader.byteCount + Deflate.byteCount + Self.workerOverheadBytes
      + (keepsRejects ? RejectedRows.byteCount : 0)
      + (charts.encoding.compresses ? ZlibCompressor.byteCount : 0)

    func rollupMemory(in arena: Arena) -> RollupBuilder.Memory {
      RollupBuilder.Memory(in: arena, partitionBits: scheme.bits)
    }
    // With many sorted runs, text gets the least memory and runs the most.
    func chartMemory(in arena: Arena) -> ChartWorker.Memory {
      ChartWorker.Memory(
        in: arena, top: charts.top, encoding: charts.encoding, runs: Int(UInt16.max))
    }
    let logs = days.reduce(0) { $0 + $1.logCount }
    window = logs * LogMemory.logBytes + days.count * Self.dayBytes
    // Each segment adds two sorted runs to a partition: one of packed keys and one of outliers. The
    // segments of kept rollups are known. A row takes at least 9 bytes in a gzipped log, and up to
    // 64 bytes in a worker's memory. Each worker may write a last segment at the end of the logs,
    // or at the end of each day that is rolled up separately.
    let segmentsOfDay = keepsRollups ? min(threads, SegmentCompactor.maxSegments) : 0
    let kept = days.reduce(threads) { $0 + ($1.kept?.segments ?? segmentsOfDay) }
    let read = days.reduce(0.0) { $0 + ($1.kept == nil ? Double($1.logs.byteCount) : 0) }
    let segments = read / 9 * 64 * Double(threads) / Double(budget)
    // The number is capped, so that logs of an absurd size are refused without an overflow.
    let runs = 2 * (kept + Int(min(segments, Double(budget / 64 / Self.runBytes))))
    self.workerFixed = workerFixed + runs * Self.runBytes
    let shared = self.resident + reserve + countryCharts + window
    let minArena = [
      Arena.byteCount(of: rollupMemory), Arena.byteCount(of: chartMemory),
      Arena.byteCount { SortedRunIndex.Memory(in: $0, partitionBits: scheme.bits) },
      Arena.byteCount(of: SegmentCompactor.Memory.init),
    ].reduce(0, max)
    let minimum = max(shared + self.workerFixed + minArena, Resources.minMemory)
    guard budget >= minimum else { throw MemoryTooSmall(budget: budget, minimum: minimum) }
    workers = max(1, min(threads, (budget - shared) / (self.workerFixed + minArena)))
    workerArena = ((budget - shared) / workers - self.workerFixed) & ~4095
    rowsPerSegment = rollupMemory(in: Arena(planning: workerArena)).rows
    mergeFanIn = chartMemory(in: Arena(planning: workerArena)).fanIn
  }

  /// Maps one arena per worker.
  package func makeArenas() throws -> [Arena] {
    try (0..<workers).map { _ in try Arena(byteCount: workerArena) }
  }
}
