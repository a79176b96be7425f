internal import ChartmillModel

/// Cuts the text of a log into chunks of whole lines, for several workers to take in turn.
///
/// A line over the row limit is not buffered: it keeps just enough bytes to be seen as too long.
/// So memory does not depend on the lines: `TextReader`'s and one line.
@safe package final class LogChunks {
  /// A chunk's memory. Large enough that taking one is rare, small enough for the second-level
  /// cache together with the batch.
  package static let chunkBytes = 256 << 10
  /// One byte more than the longest row with `\r\n`, so that what is kept of a longer one is
  /// still too long, however it ends.
  static let keptLineBytes = RejectReason.maxLineBytes + 2

  @safe package struct Chunk {
    /// Whole lines; only the log's last may lack its end.
    package let text: UnsafeRawBufferPointer
    /// The number of the first one, from 1.
    package let firstLine: Int
  }

  let text: TextReader
  /// The beginning of the line that the last chunk ended in.
  private let carry: UnsafeMutableRawBufferPointer
  private var carried = 0
  /// In the middle of a line of which enough is kept.
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

  /// Fills `memory`, `chunkBytes` long, with the next lines; nil at the end. Throws what `TextReader`
  /// does.
  package func next(into memory: UnsafeMutableRawBufferPointer) throws -> Chunk? {
    if isAtEnd { return nil }
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<carried]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: carry[..<carried]))
    var filled = carried
    carried = 0
    while filled < memory.count, !isAtEnd {
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[filled...])
      let count = try unsafe text.read(into: room)
      if count == 0 {
        isAtEnd = true
      } else if isSkipping {
        // Drop all before the line end.
        guard let lineEnd = unsafe room[..<count].firstIndex(of: Self.newline) else { continue }
        isSkipping = false
        unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[lineEnd..<count]))
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

  /// Moves what follows the last line end to `carry`, and returns where it began.
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
