internal import ChartmillModel
internal import ChartmillSystem
internal import Synchronization

/// Hands out the logs of a job, so that workers are spread over them.
final class LogQueue: Sendable {
  private struct State {
    /// The index of the day of the next unread log.
    var day = 0
    /// The index of the next unread log among the files of its day.
    var file = 0
    /// The index of the next unread log among all logs.
    var index = 0
    /// The logs that are being read.
    var open: [SharedLog] = []
  }

  private let days: [DayLogs]
  private let state = Locked(State())

  init(_ days: [DayLogs]) {
    self.days = days
  }

  /// The next unread log, or else the log that the fewest workers are reading; nil if all are read.
  /// Throws what opening a log throws.
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

  /// Drops a log that was read to its end, so that it is closed.
  func forget(_ log: SharedLog) {
    state.withLock { $0.open.removeAll { $0 === log } }
  }
}

/// A log whose chunks workers take in turn.
final class SharedLog: @unchecked Sendable {
  // Unchecked: only the worker whose turn it is, or the last worker, touches `chunks`, except as
  // `LogBlocks` says. All other variables are touched under the monitor only.
  /// The index of the log among all logs of the job.
  let index: Int
  /// The index of its day among the days.
  let day: Int
  /// The index of the log among the files of its day.
  let file: Int
  let name: String
  private let monitor = Monitor()
  private let chunks: LogChunks
  private let blocks: LogBlocks
  private var tally = RejectTally()
  private var readerCount = 0
  private var isAtEnd = false
  /// The number of workers that have asked for a chunk so far.
  private var arrived = 0
  /// The number of workers that have been given one so far.
  private var served = 0

  /// The memory of a worker that reads a log.
  @safe struct Memory {
    let text: UnsafeMutableRawBufferPointer
    let blocks: UnsafeMutableRawBufferPointer

    init(in arena: Arena) {
      unsafe text = unsafe arena.allocate(LogChunks.chunkBytes)
      unsafe blocks = unsafe arena.allocate(LogBlocks.takenBytes)
    }
  }

  init(index: Int, day: Int, file: Int, text: TextReader) {
    self.index = index
    self.day = day
    self.file = file
    name = text.log.name
    chunks = LogChunks(text)
    blocks = LogBlocks(chunks)
  }

  var readers: Int { monitor.withLock { readerCount } }
  private var isRead: Bool { monitor.withLock { isAtEnd } }

  /// Adds the calling worker as a reader. Returns false if nothing is left to read.
  func join() -> Bool {
    monitor.withLock {
      if isAtEnd { return false }
      readerCount += 1
      return true
    }
  }

  /// The next chunk; nil at the end. Throws what `LogChunks` and `LogBlocks` throw.
  ///
  /// A log in blocks is only read in turn; workers decompress it at the same time. Any other log is
  /// also decompressed in turn.
  func nextChunk(
    into memory: Memory, _ deflate: Deflate, progress: ProgressCounters
  ) throws -> LogChunks.Chunk? {
    var chunk: LogChunks.Chunk?
    let taken = try inTurn { () throws -> LogBlocks.Taken? in
      if isRead { return nil }
      if let taken = try unsafe blocks.take(into: memory.blocks) { return taken }
      let before = chunks.text.bytesRead
      // After an error, too, nothing more is read.
      defer { if chunk == nil { monitor.withLock { isAtEnd = true } } }
      chunk = try unsafe chunks.next(into: memory.text)
      progress.inputBytesRead.add(chunks.text.bytesRead - before, ordering: .relaxed)
      return nil
    }
    guard let taken else { return chunk }
    return try unsafe blocks.join(taken, into: memory.text, deflate) { byteCount in
      progress.inputBytesRead.add(byteCount, ordering: .relaxed)
    }
  }

  /// Runs `body` while no other worker does.
  ///
  /// Workers are served in the order in which they asked. A lock alone would starve one of them,
  /// because the worker that has just released it is the first to take it again.
  private func inTurn<Result>(_ body: () throws -> Result) rethrows -> Result {
    monitor.withLock {
      let turn = arrived
      arrived += 1
      while served != turn { monitor.wait() }
    }
    // It is this worker's turn until `served` is increased.
    defer {
      monitor.withLock {
        served += 1
        monitor.wakeAll()
      }
    }
    return try body()
  }

  /// Adds the worker's tally and removes it as a reader. If this was the last reader, returns what
  /// is known about the complete log; otherwise nil.
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
