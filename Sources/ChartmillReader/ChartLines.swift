internal import ChartmillCore
internal import ChartmillSystem

/// Reads the lines of a published file, plain or gzip, one after another, from its beginning or
/// from the beginning of a partition.
///
/// Memory: that of `TextLines`.
final class ChartLines {
  let path: String
  /// The offset of the first line in the file.
  let offset: Int
  private let lines: TextLines

  /// - Parameters:
  ///   - offset: the byte offset at which to begin. In gzip, a member must begin there.
  ///   - maxLineBytes: the maximum length of a line with its end. A longer line is an error.
  init(_ file: LogFile, from offset: Int = 0, maxLineBytes: Int) throws {
    path = file.path
    self.offset = offset
    let text = try TextReader(file, from: offset, sumsStoredBytes: true, recognizesFormats: false)
    lines = TextLines(text, maxLineBytes: maxLineBytes)
  }

  /// The number of the line that `next` returned last, from 1.
  var line: Int { lines.number }

  /// The checksum of the stored bytes read so far, from `offset` on. It is complete once `next` has
  /// returned nil.
  var checksum: Checksum { lines.storedChecksum ?? Checksum() }

  /// The next line without its end, which is valid until the next call and as long as this object
  /// lives; nil at the end.
  ///
  /// - Throws: `ChartsError.differs` if the line is too long or has no end; what `TextReader.read`
  ///   throws.
  func next() throws -> UnsafeRawBufferPointer? {
    let bytes: UnsafeRawBufferPointer?
    do {
      unsafe bytes = try unsafe lines.next()
    } catch is TextLines.LineTooLong {
      throw difference(.lineTooLong(max: lines.maxLineBytes))
    }
    if !lines.hasEnd, unsafe bytes != nil { throw difference(.noLineEnd) }
    return unsafe bytes
  }

  /// Makes `next` return the last line again. The bytes that it last returned become invalid.
  ///
  /// - Precondition: the last call was `next`, and it returned a line.
  func stepBack() {
    lines.stepBack()
  }

  /// Reads the first line, which must be `header`. Reads nothing if `header` is empty.
  ///
  /// - Throws: `ChartsError.differs` if the line differs.
  func skipHeader(_ header: StaticString) throws {
    if header.utf8CodeUnitCount == 0 { return }
    guard let bytes = try unsafe next() else { throw difference(.missingHeader) }
    let expected = unsafe UnsafeBufferPointer(
      start: header.utf8Start, count: header.utf8CodeUnitCount)
    guard unsafe bytes.elementsEqual(expected.dropLast()) else { throw difference(.missingHeader) }
  }

  /// The error for a difference in a line.
  ///
  /// - Parameter line: its number; nil for the line that `next` returned last.
  func difference(_ problem: ChartDifference.Problem, line: Int? = nil) -> ChartsError {
    .differs(
      ChartDifference(path: path, line: line ?? self.line, start: offset, problem: problem))
  }
}
