internal import ChartmillSystem

/// The blocks at the beginning of a log that `bgzip` wrote (`GzipBlock`). Workers take blocks in
/// turn, decompress them at the same time, and join their texts in the order of the file.
///
/// Nothing that a block says about itself is trusted. If a block is not exactly what its header and
/// its trailer say, its text and all later ones are dropped, and `TextReader` reads the log from
/// there as it reads any gzip. So a file gives the text or the error that it gives without blocks.
/// `TextReader` also reads what follows the last block, and a log that has none.
///
/// Memory: the buffers of the workers, `SharedLog.Memory`.
@safe final class LogBlocks: @unchecked Sendable {
  // Unchecked: only the worker whose turn it is to take touches `offset`, `takenCount` and
  // `hasEnded`, and only the worker that joins changes `chunks` until all blocks are joined. All
  // other variables are touched under the monitor only.
  /// The maximum size of the blocks that a worker takes at once, in bytes. Blocks that fill a chunk
  /// with rows take about 125 KiB.
  static let takenBytes = 128 << 10

  /// Complete blocks that one worker decompresses.
  @safe struct Taken {
    fileprivate let index: Int
    /// The byte offset of the file at which the blocks begin.
    fileprivate let offset: Int
    fileprivate let bytes: UnsafeRawBufferPointer
  }

  private let chunks: LogChunks
  /// The byte offset of the next block.
  private var offset = 0
  /// The number of calls of `take` that returned blocks.
  private var takenCount = 0
  private var hasEnded = false
  private let monitor = Monitor()
  /// The number of takes whose `join` has ended.
  private var joinedCount = 0
  /// The byte offset of the first blocks that were dropped.
  private var droppedOffset: Int?

  init(_ chunks: LogChunks) {
    self.chunks = chunks
    // A pipe cannot be read again from a damaged block.
    hasEnded = chunks.text.log.isStandardInput
  }

  /// Reads as many blocks as fit into `memory`, and whose text fits into a chunk. The caller must
  /// join them, because later blocks wait for that.
  ///
  /// Nil if `chunks` reads the rest of the log. All blocks are joined then.
  ///
  /// - Precondition: no other worker is in this call or uses `chunks`.
  /// - Throws: `SystemError`.
  func take(into memory: UnsafeMutableRawBufferPointer) throws -> Taken? {
    if hasEnded { return nil }
    var end = 0
    if monitor.withLock({ droppedOffset == nil }) {
      let count = try unsafe chunks.text.file.read(into: memory, at: offset)
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[..<count])
      var textBytes = 0
      while let block = unsafe GzipBlock(UnsafeRawBufferPointer(rebasing: bytes[end...])) {
        textBytes += block.textBytes
        if textBytes > LogChunks.maxPieceBytes { break }
        end += block.byteCount
      }
    }
    if end == 0 {
      hasEnded = true
      monitor.withLock { while joinedCount < takenCount { monitor.wait() } }
      try chunks.text.skip(monitor.withLock { droppedOffset } ?? offset)
      return nil
    }
    defer {
      takenCount += 1
      offset += end
    }
    return unsafe Taken(
      index: takenCount, offset: offset, bytes: UnsafeRawBufferPointer(rebasing: memory[..<end]))
  }

  /// Decompresses blocks into `memory`, waits until all earlier blocks are joined, and joins the
  /// text to theirs. The chunk is empty if the text has no line end or was dropped.
  ///
  /// - Parameter joined: takes the number of compressed bytes, unless the text was dropped.
  /// - Throws: `LogError.notText`.
  func join(
    _ taken: Taken, into memory: UnsafeMutableRawBufferPointer, _ deflate: Deflate,
    joined: (Int) -> Void
  ) throws -> LogChunks.Chunk {
    let piece = unsafe LogChunks.Piece(decompressing: taken.bytes, into: memory, deflate)
    let isDropped = monitor.withLock {
      while joinedCount < taken.index { monitor.wait() }
      if piece == nil, droppedOffset == nil { droppedOffset = taken.offset }
      return droppedOffset != nil
    }
    // It is this worker's turn until `joinedCount` is increased.
    defer {
      monitor.withLock {
        joinedCount += 1
        monitor.wakeAll()
      }
    }
    guard let piece, !isDropped else { return .empty }
    unsafe joined(taken.bytes.count)
    return try unsafe chunks.append(piece, in: memory)
  }
}

extension LogChunks.Piece {
  /// Decompresses complete blocks. Nil if one of them is damaged.
  fileprivate init?(
    decompressing blocks: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer,
    _ deflate: Deflate
  ) {
    self.init()
    let memory = unsafe UnsafeMutableRawBufferPointer(
      rebasing: memory[LogChunks.keptLineBytes...])
    var rest = unsafe blocks
    while let block = unsafe GzipBlock(rest) {
      let text = unsafe GzipBlock.read(
        UnsafeRawBufferPointer(rebasing: rest[..<block.byteCount]),
        into: UnsafeMutableRawBufferPointer(rebasing: memory[byteCount...]), deflate: deflate)
      guard let text else { return nil }
      checksum.append(text)
      byteCount += text.byteCount
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[block.byteCount...])
    }
    unsafe lineEnds = RowParser.countLines(UnsafeRawBufferPointer(rebasing: memory[..<byteCount]))
  }
}
