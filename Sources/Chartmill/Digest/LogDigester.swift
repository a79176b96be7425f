internal import Synchronization

/// One log after it was read.
struct DigestedLog: Sendable {
  let log: LogFile
  let day: Day
  let isGzip: Bool
  let hasTrailingBytes: Bool
  /// Of the decompressed text.
  let checksum: Checksum
  let tally: RejectTally
}

/// The first phase: logs become spill files.
///
/// Every worker has rows, a text buffer and a spill file of its own, so workers meet only where
/// they take the next chunk of a log. Each takes a log for itself while there are logs that nobody
/// has; then it helps with one that another is reading: while one decompresses a chunk, the other
/// parses the one before. So one large gzip file also keeps two cores busy.
final class LogDigester: Sendable {
  struct Result: Sendable {
    var logs: [DigestedLog] = []
    var spills: [SpillFile] = []
    var spilledBytes = 0
    var spilledRuns = 0
    var segments = 0
    /// By the index of the country.
    var streamsOfCountry = [Int](repeating: 0, count: CountryList.maximumCount)
    /// Of all logs and workers; none unless rejected rows are kept.
    var rejected: [RejectSpill.Stretch] = []
  }

  private let parser: RowParser
  private let scheme: PartitionScheme
  private let spillFolder: String
  private let spillLimit: Int?
  private let keepsRejected: Bool
  private let spilledBytes = Atomic<Int>(0)
  private let progress: ProgressCounters
  private let failure = FirstFailure()
  private let queue: LogQueue
  private let result = Locked(Result())

  init(
    logs: [(day: Day, log: LogFile)], parser: RowParser, scheme: PartitionScheme,
    spillFolder: String, spillLimit: Int?, keepsRejected: Bool, progress: ProgressCounters
  ) {
    self.keepsRejected = keepsRejected
    self.spillLimit = spillLimit
    self.parser = parser
    self.scheme = scheme
    self.spillFolder = spillFolder
    self.progress = progress
    queue = LogQueue(logs)
  }

  /// What a worker needs of its slab beside rows.
  static func fixedBytes(partitionBits: Int) -> Int {
    LogChunks.chunkBytes + RowBatch.byteCount + RowStore.fixedBytes(partitionBits: partitionBits)
      + 4 * 64
  }

  /// Digests all logs with one worker a slab. Throws the first error of any worker; every log is
  /// named by its errors.
  func run(slabs: [Slab], whileWaiting: () -> Void) throws(JobError) -> Result {
    do {
      try Workers.run(slabs.count, whileWaiting: whileWaiting) { [self] worker in
        failure.capture { () throws(JobError) in try digest(slabs[worker]) }
      }
    } catch {
      throw .output(error)
    }
    try failure.throwIfFailed()
    var result = result.withLock { $0 }
    result.logs.sort { $0.day == $1.day ? LogFile.precedes($0.log, $1.log) : $0.day < $1.day }
    return result
  }

  private func digest(_ slab: Slab) throws(JobError) {
    slab.reset()
    let text = slab.carve(LogChunks.chunkBytes)
    var batch = RowBatch(
      memory: UnsafeMutableRawPointer(slab.carve(UInt8.self, RowBatch.byteCount)))
    let spill: File
    let rejects: RejectSpill?
    do throws(SystemError) {
      spill = try File.createAnonymous(in: spillFolder)
      rejects = try keepsRejected ? RejectSpill(in: spillFolder) : nil
    } catch {
      throw .creating(error)
    }
    var store = RowStore(slab: slab, scheme: scheme, deflate: Deflate(), file: spill)
    batch.rejected = rejects?.rows
    while let log = try queue.next() {
      var tally = RejectTally()
      rejects?.begin(log: log.index, name: log.name)
      while let chunk = try log.nextChunk(into: text, progress: progress) {
        if failure.hasFailed { return }
        try StopRequest.check()
        try append(chunk, &batch, &store, rejects, &tally)
      }
      if let digested = log.leave(merging: tally) {
        result.withLock { $0.logs.append(digested) }
      }
    }
    let spilledBefore = store.spilledBytes
    try JobError.writing { () throws(SystemError) in try store.flush() }
    try account(store.spilledBytes - spilledBefore)
    result.withLock {
      $0.spills.append(SpillFile(file: spill, end: store.fileEnd))
      $0.spilledBytes += store.spilledBytes
      $0.spilledRuns += store.spilledRuns
      $0.segments += store.segmentCount
      for country in $0.streamsOfCountry.indices {
        $0.streamsOfCountry[country] += store.streams(ofCountry: country)
      }
      $0.rejected += rejects?.stretches ?? []
    }
  }

  private func append(
    _ chunk: LogChunks.Chunk, _ batch: inout RowBatch, _ store: inout RowStore,
    _ rejects: RejectSpill?, _ tally: inout RejectTally
  ) throws(JobError) {
    let rowsBefore = tally.rows
    let spilledBefore = store.spilledBytes
    var offset = 0
    var line = chunk.firstLine
    while offset < chunk.text.count {
      batch.removeAll()
      parser.parse(chunk.text, from: &offset, firstLine: &line, into: &batch, tally: &tally)
      var rejectedBytes = 0
      do throws(SystemError) {
        try store.append(batch)
        rejectedBytes = try rejects?.drain() ?? 0
      } catch {
        throw .output(error)
      }
      try account(rejectedBytes)
    }
    progress.rows.add(tally.rows - rowsBefore, ordering: .relaxed)
    try account(store.spilledBytes - spilledBefore)
  }

  private func account(_ bytes: Int) throws(JobError) {
    if bytes == 0 { return }
    let sum = spilledBytes.add(bytes, ordering: .relaxed).newValue
    if let spillLimit, sum > spillLimit { throw .spillLimit(spillLimit) }
  }
}

/// The logs of a job, handed out so that workers are spread over them.
private final class LogQueue: Sendable {
  private struct State {
    /// The last one is the next.
    var waiting: [(index: Int, day: Day, log: LogFile)]
    var open: [SharedLog] = []
  }

  private let state: Locked<State>

  init(_ logs: [(day: Day, log: LogFile)]) {
    state = Locked(
      State(
        waiting: logs.enumerated().map { ($0.offset, $0.element.day, $0.element.log) }.reversed()))
  }

  /// A log nobody has, else the one that fewest workers read; nil when all are read.
  func next() throws(JobError) -> SharedLog? {
    let result: Swift.Result<SharedLog?, JobError> = state.withLock { state in
      if let (index, day, log) = state.waiting.popLast() {
        do throws(JobError) {
          let shared = SharedLog(index: index, day: day, text: try LogText(log))
          state.open.append(shared)
          return .success(shared.join() ? shared : nil)
        } catch {
          return .failure(error)
        }
      }
      state.open.removeAll { $0.isRead }
      let candidates = state.open.sorted { $0.readers < $1.readers }
      return .success(candidates.first { $0.join() })
    }
    return try result.get()
  }
}

/// A log that workers take chunks of in turn.
private final class SharedLog: @unchecked Sendable {
  // Unchecked: `chunks` is touched by the worker whose turn it is, and by the last one; everything
  // else that changes under the monitor only.
  /// Its place in the order of the job's logs.
  let index: Int
  let day: Day
  let name: String
  private let monitor = Monitor()
  private let chunks: LogChunks
  private var tally = RejectTally()
  private var readerCount = 0
  private var isAtEnd = false
  /// Workers that asked for a chunk, and those that have it.
  private var arrived = 0
  private var served = 0

  init(index: Int, day: Day, text: LogText) {
    self.index = index
    self.day = day
    name = text.log.name
    chunks = LogChunks(text)
  }

  var readers: Int { monitor.withLock { readerCount } }
  var isRead: Bool { monitor.withLock { isAtEnd } }

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
  ) throws(JobError) -> LogChunks.Chunk? {
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
    let chunk = try chunks.next(into: memory)
    progress.inputBytesRead.add(chunks.text.bytesRead - before, ordering: .relaxed)
    if chunk == nil { monitor.withLock { isAtEnd = true } }
    return chunk
  }

  /// Gives what the worker counted; the last worker of a log gets the whole.
  func leave(merging part: RejectTally) -> DigestedLog? {
    monitor.withLock {
      tally.merge(part)
      readerCount -= 1
      guard readerCount == 0 else { return nil }
      let text = chunks.text
      return DigestedLog(
        log: text.log, day: day, isGzip: text.isGzip, hasTrailingBytes: text.hasTrailingBytes,
        checksum: text.checksum, tally: tally)
    }
  }
}
