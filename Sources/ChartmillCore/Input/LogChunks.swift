internal import ChartmillModel
internal import ChartmillSystem

/// Cuts the text of a log into chunks of complete lines, which several workers take in turn.
///
/// Memory: that of `TextReader`, and one line. A line over the row limit is cut, but enough bytes
/// are kept for it to count as too long.
@safe package final class LogChunks {
  /// The size of a chunk's memory, in bytes. Workers rarely wait for chunks of this size, and a
  /// chunk and a batch fit a second-level cache together. It has space for the text of four blocks
  /// of `bgzip`, 65,280 bytes each, and for the line before it.
  package static let chunkBytes = 260 << 10
  /// The number of bytes that are kept of a line that is too long: one more than the longest row
  /// with `\r`, so that the kept part is too long even if it ends in `\r`.
  static let keptLineBytes = RejectReason.maxLineBytes + 2
  /// The maximum size of a `Piece`, in bytes.
  static let maxPieceBytes = chunkBytes - keptLineBytes

  @safe package struct Chunk {
    /// Complete lines. Only the log's last line may lack its end.
    package let text: UnsafeRawBufferPointer
    /// The line number of the first line, from 1.
    package let firstLine: Int

    static var empty: Chunk { unsafe Chunk(text: .init(start: nil, count: 0), firstLine: 1) }
  }

  /// A piece of text in a chunk's memory, after `keptLineBytes` that are free for the line before.
  struct Piece {
    var byteCount = 0
    var checksum = Checksum()
    /// The number of line ends in it.
    var lineEnds = 0
  }

  let text: TextReader
  /// The beginning of the line that did not fit the last chunk, in `carried` bytes.
  private let carry: UnsafeMutableRawBufferPointer
  private var carried = 0
  /// Whether the next bytes are the rest of a line that is too long.
  private var isSkipping = false
  private var nextLine = 1
  private var isAtEnd = false

  package init(_ text: TextReader) {
    self.text = text
    unsafe carry = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.keptLineBytes, alignment: 8)
  }

  deinit {
    unsafe carry.deallocate()
  }

  /// Fills `memory`, which is `chunkBytes` long, with the next lines. Nil at the end of the log.
  /// Throws what `TextReader.read` throws.
  package func next(into memory: UnsafeMutableRawBufferPointer) throws -> Chunk? {
    if isAtEnd { return nil }
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<carried]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: carry[..<carried]))
    var filled = carried
    carried = 0
    while filled < memory.count, !isAtEnd {
      let unfilled = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[filled...])
      let count = try unsafe text.read(into: unfilled)
      if count == 0 {
        isAtEnd = true
      } else if isSkipping {
        // The rest of the long line is dropped.
        guard let lineEnd = unsafe unfilled[..<count].firstIndex(of: Self.newline) else { continue }
        isSkipping = false
        unsafe unfilled.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: unfilled[lineEnd..<count]))
        filled += count - lineEnd
      } else {
        filled += count
      }
    }
    let end =
      unsafe isAtEnd
      ? filled : keepUnfinishedLine(UnsafeRawBufferPointer(rebasing: memory[..<filled]))
    guard end > 0 else { return unsafe isAtEnd ? nil : try next(into: memory) }
    let chunk = unsafe Chunk(
      text: UnsafeRawBufferPointer(rebasing: memory[..<end]), firstLine: nextLine)
    unsafe nextLine += RowParser.countLines(chunk.text)
    return chunk
  }

  /// Appends the next text of the log, which a worker has decompressed into the memory of a chunk.
  /// The chunk is empty if the text has no line end. Throws `LogError.notText`.
  ///
  /// Time: that of copying a line.
  func append(_ piece: Piece, in memory: UnsafeMutableRawBufferPointer) throws -> Chunk {
    var start = Self.keptLineBytes
    let end = start + piece.byteCount
    try unsafe text.append(
      UnsafeRawBufferPointer(rebasing: memory[start..<end]), piece.checksum)
    if isSkipping {
      // The rest of the long line is dropped.
      guard let lineEnd = unsafe memory[start..<end].firstIndex(of: Self.newline) else {
        return .empty
      }
      isSkipping = false
      start = lineEnd
    }
    start -= carried
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: carry[..<carried]))
    let joined = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
    let lines = unsafe UnsafeRawBufferPointer(rebasing: joined[..<keepUnfinishedLine(joined)])
    defer { nextLine += piece.lineEnds }
    return unsafe Chunk(text: lines, firstLine: nextLine)
  }

  private static let newline = UInt8(ascii: "\n")

  /// Copies the bytes after the last line end to `carry`, and returns the offset at which they
  /// begin.
  private func keepUnfinishedLine(_ text: UnsafeRawBufferPointer) -> Int {
    var start = text.count
    while start > 0, unsafe text[start - 1] != Self.newline { start -= 1 }
    carried = min(text.count - start, Self.keptLineBytes)
    isSkipping = text.count - start > Self.keptLineBytes
    unsafe carry.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: text[start..<(start + carried)]))
    return start
  }
}
