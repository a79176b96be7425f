package import ChartmillModel
package import ChartmillSystem
internal import Synchronization

/// One log after it was read. There may be many: memory is some hundred bytes.
package struct RolledUpLog: Sendable {
  /// The places of its day among the days, and of the log among the files of that day.
  package let day: Int
  package let file: Int
  package let reading: Manifest.Input.Reading
  /// The size of the file as it is stored.
  package let byteCount: Int
  /// The checksum and length of the decompressed text.
  package let checksum: Checksum
  package let accepted: Int
  /// Rows by `RejectReason` and lines by `RepairRule`; empty when there are none.
  package let rejectedByReason: [Int]
  package let repairedByRule: [Int]

  package var rejected: Int { rejectedByReason.reduce(0, +) }
}

/// The first phase: logs become spill files.
///
/// Every worker has rows, a text buffer and a spill file of its own, so workers meet only where
/// they take the next chunk of a log. Each takes a log for itself while there are logs that nobody
/// has; then it helps with one that another is reading: while one decompresses a chunk, the other
/// parses the one before. So one large gzip file also keeps two cores busy.
///
/// Memory: the arenas, an open log per worker, and a `RolledUpLog` for each log. A log that was read
/// is closed, and its buffers are freed.
package final class RollupBuilder: Sendable {
  package struct Result: Sendable {
    /// In the order of the days and their files.
    package var logs: [RolledUpLog] = []
    /// The first samples of each reason, of the logs in their order.
    package var samples: [Manifest.Sample] = []
    /// Those of the first day with too many bad rows, which the window's samples may not show.
    package var samplesOfBadDay: (day: Day, samples: [Manifest.Sample])?
    package var spills: [SpillFile] = []
    package var spilledBytes = 0
    package var spilledRuns = 0
    package var segments = 0
    /// For the last days: streams by the index of the country, by the place of the day.
    package var streamsOfCountry: [Int: [Int]] = [:]
    /// The rejected rows of all logs and workers, if they are kept.
    package var rejected: [RejectSpill.Stretch] = []
  }

  private let days: [DayLogs]
  /// Days from this one on have their streams counted by country.
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
  ///   - isBadDay: whether a day with so many rows has too many bad ones.
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

  /// What a worker works in.
  @safe package struct Memory {
    let text: UnsafeMutableRawBufferPointer
    let batch: UnsafeMutableRawBufferPointer
    let store: RowStore.Memory

    package init(in arena: Arena, partitionBits: Int) {
      unsafe text = unsafe arena.allocate(LogChunks.chunkBytes)
      unsafe batch = unsafe arena.allocate(RowBatch.byteCount)
      store = RowStore.Memory(in: arena, partitionBits: partitionBits)
    }

    /// Rows that it holds before they make a segment.
    package var rows: Int { store.packedRows }
  }

  /// Rolls up all logs with one worker per arena. Throws the first error of any worker; every log is
  /// named by its errors.
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
    let text = unsafe memory.text
    var batch = unsafe RowBatch(memory.batch)
    let spill = try File.createAnonymous(in: spillFolder)
    let rejects = try keepsRejected ? RejectSpill(in: spillFolder) : nil
    var store = RowStore(memory.store, scheme: scheme, deflate: Deflate(), file: spill)
    batch.rejected = rejects?.rows
    while let log = try queue.next() {
      var part = LogPart(countsCountries: log.day >= firstCountedDay)
      rejects?.begin(log: log.index, name: log.name)
      while let chunk = try unsafe log.nextChunk(into: text, progress: progress) {
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

  private func account(_ bytes: Int) throws {
    if bytes == 0 { return }
    let sum = spilledBytes.add(bytes, ordering: .relaxed).newValue
    if let spillLimit, sum > spillLimit { throw SpillError.limit(spillLimit) }
  }
}

/// What one worker found in its chunks of a log.
private struct LogPart {
  var tally = RejectTally()
  /// Streams by the index of the country; empty when they are not counted.
  private(set) var streamsOfCountry: [Int]

  init(countsCountries: Bool) {
    streamsOfCountry = countsCountries ? [Int](repeating: 0, count: CountryList.maximumCount) : []
  }

  mutating func count(_ batch: borrowing RowBatch) {
    if streamsOfCountry.isEmpty { return }
    unsafe streamsOfCountry.withUnsafeMutableBufferPointer { streams in
      for row in 0..<batch.count { unsafe streams[Int(batch.countries[row])] &+= 1 }
    }
  }
}

/// What the workers write down together.
private struct Ledger {
  /// A day of which some logs are not read yet.
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

  /// Adds what a worker found, and when it was the last to read the log, the log as a whole.
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
    // Only samples that somebody will be shown outlive their day.
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

/// The first samples of each reason, whatever order the logs were read in.
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

  /// At most `RejectTally.samplesPerReason` of each reason.
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

  /// In the order of the logs, of each log by reason.
  func all(_ days: [DayLogs]) -> [Manifest.Sample] {
    entries.map { entry in
      Manifest.Sample(
        reason: entry.reason.name, file: days[entry.day].files[entry.file].name,
        line: entry.sample.line, text: entry.sample.text, isCut: entry.sample.isCut)
    }
  }
}

/// The logs of a job, handed out so that workers are spread over them.
private final class LogQueue: Sendable {
  private struct State {
    /// The next log that nobody has.
    var day = 0
    var file = 0
    var index = 0
    /// Logs that are being read.
    var open: [SharedLog] = []
  }

  private let days: [DayLogs]
  private let state = Locked(State())

  init(_ days: [DayLogs]) {
    self.days = days
  }

  /// A log nobody has, else the one that fewest workers read; nil when all are read.
  func next() throws -> SharedLog? {
    let result: Swift.Result<SharedLog?, any Error> = state.withLock { state in
      while state.day < days.count, state.file == days[state.day].files.count {
        state.day += 1
        state.file = 0
      }
      if state.day < days.count {
        do {
          let log = days[state.day].files[state.file]
          let shared = SharedLog(
            index: state.index, day: state.day, file: state.file, text: try TextReader(log))
          state.open.append(shared)
          state.file += 1
          state.index += 1
          return .success(shared.join() ? shared : nil)
        } catch {
          return .failure(error)
        }
      }
      let candidates = state.open.sorted { $0.readers < $1.readers }
      return .success(candidates.first { $0.join() })
    }
    return try result.get()
  }

  /// Lets go of a log that was read, so that it is closed.
  func forget(_ log: SharedLog) {
    state.withLock { $0.open.removeAll { $0 === log } }
  }
}

/// A log that workers take chunks of in turn.
private final class SharedLog: @unchecked Sendable {
  // Unchecked: `chunks` is touched by the worker whose turn it is, and by the last one; everything
  // else that changes under the monitor only.
  /// Its place in the order of the job's logs.
  let index: Int
  /// The places of its day among the days, and of the log among the files of that day.
  let day: Int
  let file: Int
  let name: String
  private let monitor = Monitor()
  private let chunks: LogChunks
  private var tally = RejectTally()
  private var readerCount = 0
  private var isAtEnd = false
  /// Workers that asked for a chunk, and those that have it.
  private var arrived = 0
  private var served = 0

  init(index: Int, day: Int, file: Int, text: TextReader) {
    self.index = index
    self.day = day
    self.file = file
    name = text.log.name
    chunks = LogChunks(text)
  }

  var readers: Int { monitor.withLock { readerCount } }
  private var isRead: Bool { monitor.withLock { isAtEnd } }

  /// False when there is nothing left to take.
  func join() -> Bool {
    monitor.withLock {
      if isAtEnd { return false }
      readerCount += 1
      return true
    }
  }

  /// The next chunk; nil at the end.
  ///
  /// Workers are served in the order they came. A lock alone would starve one of them: who has just
  /// released it is the first to take it again.
  func nextChunk(
    into memory: UnsafeMutableRawBufferPointer, progress: ProgressCounters
  ) throws -> LogChunks.Chunk? {
    monitor.withLock {
      let turn = arrived
      arrived += 1
      while served != turn { monitor.wait() }
    }
    // It is this worker's turn until `served` moves on.
    defer {
      monitor.withLock {
        served += 1
        monitor.wakeAll()
      }
    }
    if isRead { return nil }
    let before = chunks.text.bytesRead
    let chunk = try unsafe chunks.next(into: memory)
    progress.inputBytesRead.add(chunks.text.bytesRead - before, ordering: .relaxed)
    if chunk == nil { monitor.withLock { isAtEnd = true } }
    return chunk
  }

  /// Gives what the worker counted; the last worker of a log gets all that is known of it.
  func leave(merging part: RejectTally) -> (log: RolledUpLog, tally: RejectTally)? {
    monitor.withLock {
      tally.merge(part)
      readerCount -= 1
      guard readerCount == 0 else { return nil }
      let text = chunks.text
      let log = RolledUpLog(
        day: day, file: file,
        reading: .init(isGzip: text.isGzip, hasTrailingBytes: text.hasTrailingBytes),
        byteCount: text.log.byteCount, checksum: text.checksum, accepted: tally.accepted,
        rejectedByReason: tally.rejected == 0 ? [] : RejectReason.allCases.map(tally.rejected),
        repairedByRule: tally.repaired == 0 ? [] : RepairRule.allCases.map(tally.repaired))
      return (log, tally)
    }
  }
}
