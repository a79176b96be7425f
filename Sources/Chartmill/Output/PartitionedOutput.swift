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
  fileprivate let files: [File]
  private var written: [Written]

  struct Written: Sendable, Equatable {
    var checksum = Checksum()
    var lines = 0
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

  fileprivate func isTurn(_ partition: Int) -> Bool {
    monitor.withLock { turn == partition }
  }

  /// False when there will be no turn.
  fileprivate func waitForTurn(_ partition: Int) -> Bool {
    monitor.withLock {
      while turn != partition, !isStopped { monitor.wait() }
      return !isStopped
    }
  }

  fileprivate func endTurn(_ parts: [Written]) {
    monitor.withLock {
      for (index, part) in parts.enumerated() {
        files[index].beginWriteback(
          from: written[index].checksum.byteCount, byteCount: part.checksum.byteCount)
        written[index].checksum.append(part.checksum)
        written[index].lines += part.lines
      }
      turn += 1
      monitor.wakeAll()
    }
  }
}

/// One worker's side of a `PartitionedOutput`: the part it is making.
struct PartWriter {
  private let output: PartitionedOutput
  private let spillFolder: String
  private var buffers: [TextBuffer]
  private var parts: [PartitionedOutput.Written]
  /// What did not fit the buffer before the turn came.
  private var overflows: [Overflow]
  private var partition = 0

  private struct Overflow {
    var file: File?
    var byteCount = 0
  }

  /// - Parameter capacities: of the buffer of each file, in bytes.
  init(_ output: PartitionedOutput, slab: Slab, capacities: [Int], spillFolder: String) {
    self.output = output
    self.spillFolder = spillFolder
    buffers = capacities.map { TextBuffer(slab: slab, capacity: $0) }
    parts = Array(repeating: .init(), count: capacities.count)
    overflows = Array(repeating: Overflow(), count: capacities.count)
  }

  mutating func begin(_ partition: Int) {
    self.partition = partition
    for index in parts.indices { parts[index] = .init() }
  }

  /// Lets `write` append one line, of at most `mostBytes`, to the buffer of a file.
  @inline(__always)
  mutating func appendLine(
    to index: Int, mostBytes: Int, _ write: (inout TextBuffer) -> Void
  ) throws(JobError) {
    if buffers[index].free < mostBytes { try drain(index) }
    write(&buffers[index])
    parts[index].lines &+= 1
  }

  /// Waits until all partitions before are written, then writes the rest of this one. Returns at
  /// once, without, when the output was stopped.
  mutating func end() throws(JobError) {
    // The sum is made before the turn, where workers still run side by side.
    for index in buffers.indices {
      parts[index].checksum.append(buffers[index].contents)
    }
    guard output.waitForTurn(partition) else { return }
    for index in buffers.indices {
      let overflow = overflows[index]
      if let file = overflow.file, overflow.byteCount > 0 {
        // The copy goes through the buffer, so what is in it goes to the end of the overflow.
        try write(buffers[index].contents, to: file, at: overflow.byteCount)
        try copy(file, overflow.byteCount + buffers[index].count, through: index)
        overflows[index].byteCount = 0
      } else {
        try append(buffers[index].contents, index)
      }
      buffers[index].removeAll()
    }
    output.endTurn(parts)
  }

  private mutating func drain(_ index: Int) throws(JobError) {
    let contents = buffers[index].contents
    parts[index].checksum.append(contents)
    if overflows[index].byteCount == 0, output.isTurn(partition) {
      try append(contents, index)
    } else {
      let file = try overflowFile(index)
      try write(contents, to: file, at: overflows[index].byteCount)
      overflows[index].byteCount += contents.count
    }
    buffers[index].removeAll()
  }

  private mutating func overflowFile(_ index: Int) throws(JobError) -> File {
    if let file = overflows[index].file { return file }
    let folder = spillFolder
    let file = try JobError.writing { () throws(SystemError) in
      try File.createAnonymous(in: folder)
    }
    overflows[index].file = file
    return file
  }

  private func append(_ bytes: UnsafeRawBufferPointer, _ index: Int) throws(JobError) {
    let file = output.files[index]
    try JobError.writing { () throws(SystemError) in try file.write(bytes) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to file: File, at offset: Int)
    throws(JobError)
  {
    try JobError.writing { () throws(SystemError) in try file.write(bytes, at: offset) }
  }

  private func copy(_ file: File, _ byteCount: Int, through index: Int) throws(JobError) {
    let memory = UnsafeMutableRawBufferPointer(mutating: buffers[index].wholeMemory)
    var done = 0
    while done < byteCount {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: memory[..<min(memory.count, byteCount - done)])
      let offset = done
      let count = try JobError.writing { () throws(SystemError) in
        try file.read(into: piece, at: offset)
      }
      guard count == piece.count else { throw .corruptSpill(path: file.path, offset: done) }
      try append(UnsafeRawBufferPointer(piece), index)
      done += count
    }
  }
}
