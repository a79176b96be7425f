/// Output files that are made partition by partition by several workers, and hold the partitions
/// in order.
///
/// The worker whose partition is next writes straight to the files. Another one keeps its part in
/// its buffer, and what does not fit there in a spill file of its own, until its turn comes.
final class PartitionedOutput: @unchecked Sendable {
  // Unchecked: `turn`, `isStopped` and `written` are touched under the monitor only, and the files
  // are written by the worker whose turn it is.
  private let monitor = Monitor()
  private var turn = 0
  private var isStopped = false
  let files: [File]
  private var written: [Written]

  struct Written: Sendable, Equatable {
    var checksum = Checksum()
    var lines = 0
    /// Keys: users or countries.
    var entries = 0
  }

  init(files: [File]) {
    self.files = files
    written = Array(repeating: Written(), count: files.count)
  }

  /// What has been written to each file, once all partitions are.
  var totals: [Written] { monitor.withLock { written } }

  /// Lets no one wait any longer: a worker has failed.
  func stop() {
    monitor.withLock {
      isStopped = true
      monitor.wakeAll()
    }
  }

  func isTurn(_ partition: Int) -> Bool {
    monitor.withLock { turn == partition }
  }

  /// False when there will be no turn.
  func waitForTurn(_ partition: Int) -> Bool {
    monitor.withLock {
      while turn != partition, !isStopped { monitor.wait() }
      return !isStopped
    }
  }

  func endTurn(_ parts: [Written]) {
    monitor.withLock {
      for (index, part) in parts.enumerated() {
        files[index].beginWriteback(
          from: written[index].checksum.byteCount, byteCount: part.checksum.byteCount)
        written[index].checksum.append(part.checksum)
        written[index].lines += part.lines
        written[index].entries += part.entries
      }
      turn += 1
      monitor.wakeAll()
    }
  }
}
