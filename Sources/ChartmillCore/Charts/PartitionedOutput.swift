package import ChartmillSystem

/// Output files that several workers write, partition by partition. The files hold the partitions
/// in order.
///
/// The worker whose partition is next writes directly to the files. Until its turn comes, another
/// worker keeps its part in a buffer, and writes what does not fit there to a spill file.
package final class PartitionedOutput: @unchecked Sendable {
  // Unchecked: `turn`, `isStopped` and `written` are touched under the monitor only. Only the
  // worker whose turn it is writes to the files.
  private let monitor = Monitor()
  /// The bytes at the end of an output file that stay in the page cache, because a device needs
  /// time to write them.
  private static let cachedBytes = 32 << 20
  /// The partition that is written next.
  private var turn: Int
  private var isStopped = false
  private let partitions: Int
  /// Whether the files are on the device. Only the thread that waits for the workers touches it.
  private var isSynchronized = false
  let files: [File]
  private var written: [Written]

  /// The part of a file that belongs to one partition.
  package struct Part: Sendable, Equatable {
    var checksum = Checksum()
    var lines = 0
    /// The number of users or countries.
    var entries = 0

    package init(checksum: Checksum = Checksum(), lines: Int = 0, entries: Int = 0) {
      self.checksum = checksum
      self.lines = lines
      self.entries = entries
    }
  }

  /// What has been written to a file so far.
  package struct Written: Sendable, Equatable {
    package fileprivate(set) var checksum = Checksum()
    package private(set) var lines = 0
    package private(set) var entries = 0
    /// The byte offset of each partition.
    package private(set) var partitionStarts: [Int] = []

    package init() {}

    package mutating func append(_ part: Part) {
      partitionStarts.append(checksum.byteCount)
      checksum.append(part.checksum)
      lines += part.lines
      entries += part.entries
    }

    /// Writes the gzip member of an empty text to an empty file, because an empty file is not valid
    /// gzip.
    fileprivate mutating func completeEmptyGzip(_ file: File) throws {
      guard checksum.byteCount == 0 else { return }
      let member = GzipMember.ofNothing
      try file.write(member)
      checksum.append(member.span)
    }
  }

  /// Makes empty files valid gzip. Call it after the last partition.
  package func completeEmptyGzip() throws {
    for index in files.indices { try written[index].completeEmptyGzip(files[index]) }
  }

  /// - Parameters:
  ///   - partitions: the number of partitions.
  ///   - first: the first partition of these files. It is not 0 if the earlier partitions are
  ///     written elsewhere.
  package init(files: [File], partitions: Int, from first: Int = 0) {
    self.files = files
    self.partitions = partitions
    written = Array(repeating: Written(), count: files.count)
    turn = first
  }

  /// What has been written to each file, after the last partition.
  package var totals: [Written] { monitor.withLock { written } }

  /// Waits until the files are on the device. Does nothing if a partition is not written yet, or if
  /// it was called before.
  ///
  /// Publishing synchronizes the files again. This call only saves time. A device may need a tenth
  /// of the job's time to write its cache, and meanwhile the workers can chart countries.
  func synchronizeWhenComplete() throws {
    if isSynchronized { return }
    guard monitor.withLock({ turn == partitions }) else { return }
    isSynchronized = true
    for file in files {
      try file.synchronize()
      file.dropFromCache(from: 0, byteCount: 0)
    }
  }

  /// Ends the waiting of all workers, because one of them has failed.
  func stop() {
    monitor.withLock {
      isStopped = true
      monitor.wakeAll()
    }
  }

  func isTurn(_ partition: Int) -> Bool {
    monitor.withLock { turn == partition }
  }

  /// Waits for the turn of a partition. Returns false if the output was stopped.
  func waitForTurn(_ partition: Int) -> Bool {
    monitor.withLock {
      while turn != partition, !isStopped { monitor.wait() }
      return !isStopped
    }
  }

  /// Records what the partition wrote to each file, and gives the next partition its turn.
  func endTurn(_ parts: [Part]) {
    monitor.withLock {
      for (index, part) in parts.enumerated() {
        files[index].beginWriteback(
          from: written[index].checksum.byteCount, byteCount: part.checksum.byteCount)
        written[index].append(part)
        // The output may be larger than the machine's memory and is not read soon, so other
        // programs need the memory more. Bytes that were not on disk the last time go now.
        let dropped = written[index].checksum.byteCount - Self.cachedBytes
        if dropped > 0 { files[index].dropFromCache(from: 0, byteCount: dropped) }
      }
      turn += 1
      monitor.wakeAll()
    }
  }
}
