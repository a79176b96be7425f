package import ChartmillSystem

/// Output files that are made partition by partition by several workers, and hold the partitions
/// in order.
///
/// The worker whose partition is next writes straight to the files. Another one keeps its part in
/// its buffer, and what does not fit there in a spill file of its own, until its turn comes.
package final class PartitionedOutput: @unchecked Sendable {
  // Unchecked: `turn`, `isStopped` and `written` are touched under the monitor only, and the files
  // are written by the worker whose turn it is.
  private let monitor = Monitor()
  /// The end of an output file that stays in the page cache: a device needs some time to write it.
  fileprivate static let cachedBytes = 32 << 20
  private var turn: Int
  private var isStopped = false
  private let partitions: Int
  /// Touched by the thread that waits for the workers.
  private var isSynchronized = false
  let files: [File]
  private var written: [Written]

  /// One partition's part of a file.
  package struct Part: Sendable, Equatable {
    var checksum = Checksum()
    var lines = 0
    /// Keys: users or countries.
    var entries = 0

    package init(checksum: Checksum = Checksum(), lines: Int = 0, entries: Int = 0) {
      self.checksum = checksum
      self.lines = lines
      self.entries = entries
    }
  }

  /// What has been written to a file.
  package struct Written: Sendable, Equatable {
    package fileprivate(set) var checksum = Checksum()
    /// Bytes before this one were written out and left the page cache, as far as the kernel did.
    fileprivate var droppedEnd = 0
    package private(set) var lines = 0
    package private(set) var entries = 0
    /// The byte at which each partition's part begins.
    package private(set) var partitionStarts: [Int] = []

    package init() {}

    package mutating func append(_ part: Part) {
      partitionStarts.append(checksum.byteCount)
      checksum.append(part.checksum)
      lines += part.lines
      entries += part.entries
    }

    /// Lets what was written some time ago leave the page cache, which other programs need more than
    /// the output: it is read later, and may be larger than the memory of the machine.
    fileprivate mutating func dropWrittenBytes(of file: File) {
      let end = checksum.byteCount - PartitionedOutput.cachedBytes
      guard end - droppedEnd >= PartitionedOutput.cachedBytes / 4 else { return }
      file.dropFromCache(from: droppedEnd, byteCount: end - droppedEnd)
      droppedEnd = end
    }

    /// Gives a file that got nothing the gzip member of an empty text, since a file of no bytes is no
    /// gzip.
    package mutating func completeEmptyGzip(_ file: File) throws {
      guard checksum.byteCount == 0 else { return }
      let member = GzipMember.ofNothing
      try file.write(member)
      unsafe member.withUnsafeBytes { unsafe checksum.append($0) }
    }
  }

  /// Makes gzip of files that got nothing. After the last partition.
  package func completeEmptyGzip() throws {
    for index in files.indices { try written[index].completeEmptyGzip(files[index]) }
  }

  /// - Parameters:
  ///   - partitions: of the whole.
  ///   - first: the partition that is written first: not 0 where others are made elsewhere.
  package init(files: [File], partitions: Int, from first: Int = 0) {
    self.files = files
    self.partitions = partitions
    written = Array(repeating: Written(), count: files.count)
    turn = first
  }

  /// What has been written to each file, once all partitions are.
  package var totals: [Written] { monitor.withLock { written } }

  /// Once all partitions are written, and then only once, waits until they are on the device.
  ///
  /// What is published is synchronized again. This is for time: a device may take as long to empty
  /// its own cache as a tenth of the job, and the workers can chart something else meanwhile.
  func synchronizeWhenWhole() throws {
    if isSynchronized { return }
    guard monitor.withLock({ turn == partitions }) else { return }
    isSynchronized = true
    for file in files {
      try file.synchronize()
      file.dropFromCache(from: 0, byteCount: 0)
    }
  }

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

  func endTurn(_ parts: [Part]) {
    monitor.withLock {
      for (index, part) in parts.enumerated() {
        files[index].beginWriteback(
          from: written[index].checksum.byteCount, byteCount: part.checksum.byteCount)
        written[index].append(part)
        written[index].dropWrittenBytes(of: files[index])
      }
      turn += 1
      monitor.wakeAll()
    }
  }
}
