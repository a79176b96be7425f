internal import ChartmillModel

/// Cuts the text of a log into chunks of complete lines, which several workers take in turn.
///
/// Memory: that of `TextReader`, and one line. A line over the row limit is cut, but enough bytes
/// are kept for it to count as too long.
@safe package final class LogChunks {
  /// The size of a chunk's memory, in bytes. Workers rarely wait for chunks of this size, and a
  /// chunk and a batch fit a second-level cache together.
  package static let chunkBytes = 256 << 10
  /// The number of bytes that are kept of a line that is too long: one more than the longest row
  /// with `\r`, so that the kept part is too long even if it ends in `\r`.
  static let keptLineBytes = RejectReason.maxLineBytes + 2

  @safe package struct Chunk {
    /// Complete lines. Only the log's last line may lack its end.
    package let text: UnsafeRawBufferPointer
    /// The line number of the first line, from 1.
    package let firstLine: Int
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
    let end = unsafe isAtEnd ? filled : keepUnfinishedLine(memory, filled)
    guard end > 0 else { return unsafe isAtEnd ? nil : try next(into: memory) }
    let chunk = unsafe Chunk(
      text: UnsafeRawBufferPointer(rebasing: memory[..<end]), firstLine: nextLine)
    unsafe nextLine += RowParser.countLines(chunk.text)
    return chunk
  }

  private static let newline = UInt8(ascii: "\n")

  /// Copies the bytes after the last line end to `carry`, and returns the offset at which they
  /// begin.
  private func keepUnfinishedLine(_ memory: UnsafeMutableRawBufferPointer, _ filled: Int) -> Int {
    var start = filled
    while start > 0, unsafe memory[start - 1] != Self.newline { start -= 1 }
    carried = min(filled - start, Self.keptLineBytes)
    isSkipping = filled - start > Self.keptLineBytes
    unsafe carry.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: memory[start..<(start + carried)]))
    return start
  }
}
