package import ChartmillModel
package import ChartmillSystem
internal import Synchronization

/// What is known about a log after it was read. It takes only a few hundred bytes, because there
/// may be many logs.
package struct RolledUpLog: Sendable {
  /// The index of its day among the days.
  package let day: Int
  /// The index of the log among the files of its day.
  package let file: Int
  package let reading: Manifest.Input.Reading
  /// The size of the file on disk, in bytes.
  package let byteCount: Int
  /// The checksum and length of the decompressed text.
  package let checksum: Checksum
  package let accepted: Int
  /// Bad rows by `RejectReason`; empty if there are none.
  package let rejectedByReason: [Int]
  /// Repaired lines by `RepairRule`; empty if there are none.
  package let repairedByRule: [Int]

  package var rejected: Int { rejectedByReason.reduce(0, +) }
}

/// The first phase, which turns logs into spill files.
///
/// Every worker has its own rows, text buffer and spill file, so workers wait for each other only
/// when they take the next chunk of a log. A worker takes a log for itself while there are unread
/// logs. Then it helps with a log that another worker is reading: one decompresses a chunk while
/// the other parses the previous chunk. So even a single large gzip file keeps two cores busy. A log
/// in blocks (`LogBlocks`) keeps all cores busy.
///
/// Memory: the arenas, an open log per worker, and a `RolledUpLog` per log. A log that was read is
/// closed, and its buffers are freed.
package final class RollupBuilder: Sendable {
  package struct Result: Sendable {
    /// The logs, in the order of the days and their files.
    package var logs: [RolledUpLog] = []
    /// The first samples of each reason, in the order of the logs.
    package var samples: [Manifest.Sample] = []
    /// The samples of the first day with too many bad rows, which `samples` may not include.
    package var samplesOfBadDay: (day: Day, samples: [Manifest.Sample])?
    package var spills: [SpillFile] = []
    package var spilledBytes = 0
    /// The number of sorted runs that hold records.
    package var spilledRuns = 0
    package var segments = 0
    /// The streams of each of the last days, by the index of the day, then by the index of the
    /// country.
    package var streamsOfCountry: [Int: [Int]] = [:]
    /// The rejected rows of all logs and workers; empty unless they are kept.
    package var rejected: [RejectSpill.Stretch] = []
  }

  private let days: [DayLogs]
  /// The index of the first day whose streams are counted by country.
  private let firstCountedDay: Int
  private let isBadDay: @Sendable (_ accepted: Int, _ rejected: Int) -> Bool
  private let parser: RowParser
  private let scheme: PartitionScheme
  private let spillFolder: String
  private let spillLimit: Int?
  private let keepsRejected: Bool
  private let spilledBytes = Atomic<Int>(0)
  private let progress: ProgressCounters
  private let failure = FirstFailure()
  private let queue: LogQueue
  private let ledger: Locked<Ledger>

  /// - Parameters:
  ///   - days: the logs, by day.
  ///   - spillLimit: the maximum size of all spill files, in bytes.
  ///   - keepsRejected: whether the text of bad rows is kept.
  ///   - isBadDay: whether a day with these numbers of rows has too many bad ones.
  package init(
    days: [DayLogs], parser: RowParser, scheme: PartitionScheme, spillFolder: String,
    spillLimit: Int?, keepsRejected: Bool, progress: ProgressCounters,
    isBadDay: @escaping @Sendable (_ accepted: Int, _ rejected: Int) -> Bool
  ) {
    self.days = days
    firstCountedDay =
      days.firstIndex { day in
        days.last.map { day.day >= $0.day.advanced(by: -SuddenChange.maxDays) } ?? false
      } ?? 0
    self.isBadDay = isBadDay
    self.keepsRejected = keepsRejected
    self.spillLimit = spillLimit
    self.parser = parser
    self.scheme = scheme
    self.spillFolder = spillFolder
    self.progress = progress
    queue = LogQueue(days)
    ledger = Locked(Ledger(days))
  }

  /// The memory of a worker.
  @safe package struct Memory {
    let log: SharedLog.Memory
    let batch: UnsafeMutableRawBufferPointer
    let store: RowStore.Memory

    package init(in arena: Arena, partitionBits: Int) {
      log = SharedLog.Memory(in: arena)
      unsafe batch = unsafe arena.allocate(RowBatch.byteCount)
      store = RowStore.Memory(in: arena, partitionBits: partitionBits)
    }

    /// The number of rows that fit in memory before they are written as a segment.
    package var rows: Int { store.packedRows }
  }

  /// Rolls up all logs with one worker per arena.
  ///
  /// Throws the first error of any worker: `LogError`, which names its log, `SpillError.limit`,
  /// `SystemError` or `Interrupted`.
  package func run(arenas: [Arena], whileWaiting: () -> Void) throws -> Result {
    try Workers.run(arenas.count, whileWaiting: whileWaiting) { [self] worker in
      failure.capture { try rollUp(arenas[worker]) }
    }
    try failure.throwIfFailed()
    return ledger.withLock { ledger in
      ledger.result.logs.sort { ($0.day, $0.file) < ($1.day, $1.file) }
      ledger.result.samples = ledger.samples.all(days)
      return ledger.result
    }
  }

  private func rollUp(_ arena: Arena) throws {
    arena.reset()
    let memory = Memory(in: arena, partitionBits: scheme.bits)
    let deflate = Deflate()
    var batch = unsafe RowBatch(memory.batch)
    let spill = try File.createAnonymous(in: spillFolder)
    let rejects = try keepsRejected ? RejectSpill(in: spillFolder) : nil
    var store = RowStore(memory.store, scheme: scheme, deflate: deflate, file: spill)
    batch.rejected = rejects?.rows
    while let log = try queue.next() {
      var part = LogPart(countsCountries: log.day >= firstCountedDay)
      rejects?.begin(log: log.index, name: log.name)
      while let chunk = try log.nextChunk(into: memory.log, deflate, progress: progress) {
        if failure.hasFailed { return }
        try StopRequest.check()
        try append(chunk, &batch, &store, rejects, &part)
      }
      let read = log.leave(merging: part.tally)
      if read != nil { queue.forget(log) }
      ledger.withLock { $0.add(part, of: log.day, read, days, isBadDay) }
    }
    let spilledBefore = store.spilledBytes
    try store.flush()
    try account(store.spilledBytes - spilledBefore)
    ledger.withLock {
      $0.result.spills.append(SpillFile(file: spill, end: store.fileEnd))
      $0.result.spilledBytes += store.spilledBytes
      $0.result.spilledRuns += store.spilledRuns
      $0.result.segments += store.segmentCount
      $0.result.rejected += rejects?.stretches ?? []
    }
  }

  private func append(
    _ chunk: LogChunks.Chunk, _ batch: inout RowBatch, _ store: inout RowStore,
    _ rejects: RejectSpill?, _ part: inout LogPart
  ) throws {
    let rowsBefore = part.tally.rows
    let spilledBefore = store.spilledBytes
    var offset = 0
    var line = chunk.firstLine
    while unsafe offset < chunk.text.count {
      batch.removeAll()
      unsafe parser.parse(
        chunk.text, from: &offset, firstLine: &line, into: &batch, tally: &part.tally)
      part.count(batch)
      try store.append(batch)
      try account(try rejects?.drain() ?? 0)
    }
    progress.rows.add(part.tally.rows - rowsBefore, ordering: .relaxed)
    try account(store.spilledBytes - spilledBefore)
  }

  /// Adds to the number of bytes in spill files. Throws `SpillError.limit` if it is over the limit.
  private func account(_ bytes: Int) throws {
    if bytes == 0 { return }
    let sum = spilledBytes.add(bytes, ordering: .relaxed).newValue
    if let spillLimit, sum > spillLimit { throw SpillError.limit(spillLimit) }
  }
}

/// What one worker found in its chunks of a log.
private struct LogPart {
  var tally = RejectTally()
  /// Streams by the index of the country; empty if they are not counted.
  private(set) var streamsOfCountry: [Int]

  init(countsCountries: Bool) {
    streamsOfCountry = countsCountries ? [Int](repeating: 0, count: CountryList.maxCount) : []
  }

  mutating func count(_ batch: borrowing RowBatch) {
    if streamsOfCountry.isEmpty { return }
    unsafe streamsOfCountry.withUnsafeMutableBufferPointer { streams in
      for row in 0..<batch.count { unsafe streams[Int(batch.countries[row])] &+= 1 }
    }
  }
}

/// The results of all workers so far.
private struct Ledger {
  /// A day with logs that are not read yet.
  private struct OpenDay {
    var logsLeft: Int
    var accepted = 0
    var rejected = 0
    var samples = SampleBook()
  }

  var result = RollupBuilder.Result()
  var samples = SampleBook()
  private var open: [Int: OpenDay] = [:]

  init(_ days: [DayLogs]) {
    result.logs.reserveCapacity(days.reduce(0) { $0 + $1.files.count })
  }

  /// Adds what a worker found in a log. If it was the last worker of the log, adds what is known
  /// about the complete log.
  mutating func add(
    _ part: LogPart, of day: Int, _ read: (log: RolledUpLog, tally: RejectTally)?,
    _ days: [DayLogs], _ isBadDay: (Int, Int) -> Bool
  ) {
    if !part.streamsOfCountry.isEmpty {
      var streams = result.streamsOfCountry[day] ?? part.streamsOfCountry.map { _ in 0 }
      for (country, count) in part.streamsOfCountry.enumerated() { streams[country] += count }
      result.streamsOfCountry[day] = streams
    }
    guard let read else { return }
    result.logs.append(read.log)
    var state = open[day] ?? OpenDay(logsLeft: days[day].files.count)
    state.logsLeft -= 1
    state.accepted += read.log.accepted
    state.rejected += read.log.rejected
    state.samples.add(read.tally, day: day, file: read.log.file)
    open[day] = state
    guard state.logsLeft == 0 else { return }
    // Samples that no report will show are dropped when their day is complete.
    open[day] = nil
    samples.merge(state.samples)
    let name = days[day].day
    if isBadDay(state.accepted, state.rejected),
      result.samplesOfBadDay.map({ name < $0.day }) ?? true
    {
      result.samplesOfBadDay = (name, state.samples.all(days))
    }
  }
}

/// The first samples of each reason, independent of the order in which logs were read.
private struct SampleBook {
  private struct Entry {
    let day: Int
    let file: Int
    let reason: RejectReason
    let sample: RejectTally.Sample

    static func precedes(_ left: Entry, _ right: Entry) -> Bool {
      (left.day, left.file, left.reason.rawValue, left.sample.line)
        < (right.day, right.file, right.reason.rawValue, right.sample.line)
    }
  }

  /// At most `RejectTally.samplesPerReason` entries of each reason.
  private var entries: [Entry] = []

  mutating func add(_ tally: RejectTally, day: Int, file: Int) {
    for reason in RejectReason.allCases {
      for sample in tally.samples(reason) {
        entries.append(Entry(day: day, file: file, reason: reason, sample: sample))
      }
    }
    cut()
  }

  mutating func merge(_ other: SampleBook) {
    entries += other.entries
    cut()
  }

  private mutating func cut() {
    if entries.isEmpty { return }
    entries.sort(by: Entry.precedes)
    entries = entries.first(RejectTally.samplesPerReason, ofEach: { $0.reason.name })
  }

  /// All samples, ordered by log, reason and line.
  func all(_ days: [DayLogs]) -> [Manifest.Sample] {
    entries.map { entry in
      Manifest.Sample(
        reason: entry.reason.name, file: days[entry.day].files[entry.file].name,
        line: entry.sample.line, text: entry.sample.text, isCut: entry.sample.isCut)
    }
  }
}
