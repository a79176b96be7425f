internal import ChartmillModel
internal import ChartmillSystem
internal import Synchronization

/// The logs of a job, handed out so that workers are spread over them.
final class LogQueue: Sendable {
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
            index: state.index, day: state.day, file: state.file, text: try LogText(log))
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
final class SharedLog: @unchecked Sendable {
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

  init(index: Int, day: Int, file: Int, text: LogText) {
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
