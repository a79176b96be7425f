internal import ChartmillCore
internal import ChartmillSystem

/// Reads the lines of an output, plain or gzip, one after another, from its beginning or from the
/// beginning of a partition. If the output is in several files, they are read as one.
///
/// Memory: that of `TextLines`, and 32 bytes per file.
final class ChartLines {
  /// A file that was opened, and the line that it begins with.
  private struct Opened {
    let path: String
    /// The offset in the file at which its first line begins.
    let offset: Int
    /// The number of lines before it.
    let linesBefore: Int
  }

  /// The offset of the first line in the output.
  let offset: Int
  private let maxLineBytes: Int
  /// The lines of the file that is being read.
  private var lines: TextLines
  /// The files that are not opened yet.
  private var rest: ArraySlice<PublishedFile.Part>
  private var opened: [Opened]
  /// The number of lines of the files before the one that is being read.
  private var endedLines = 0
  /// The checksum of these files.
  private var endedChecksum = Checksum()

  /// - Parameters:
  ///   - parts: the files to read, in order. The first one has the byte at `offset`.
  ///   - offset: the byte offset in the output at which to begin. In gzip, a member must begin
  ///     there.
  ///   - maxLineBytes: the maximum length of a line with its end. A longer line is an error.
  init(
    _ parts: ArraySlice<PublishedFile.Part>, from offset: Int = 0, maxLineBytes: Int
  ) throws {
    let first = parts[parts.startIndex]
    self.offset = offset
    self.maxLineBytes = maxLineBytes
    rest = parts.dropFirst()
    opened = [Opened(path: first.file.path, offset: offset - first.start, linesBefore: 0)]
    lines = try Self.lines(of: first, from: offset - first.start, maxLineBytes: maxLineBytes)
  }

  private static func lines(
    of part: PublishedFile.Part, from offset: Int, maxLineBytes: Int
  ) throws -> TextLines {
    TextLines(
      try TextReader(part.file, from: offset, sumsStoredBytes: true, recognizesFormats: false),
      maxLineBytes: maxLineBytes)
  }

  /// The number of the line that `next` returned last, from 1.
  var line: Int { endedLines + lines.number }

  /// The checksum of the stored bytes read so far, from `offset` on. It is complete once `next` has
  /// returned nil.
  var checksum: Checksum {
    var sum = endedChecksum
    if let checksum = lines.storedChecksum { sum.append(checksum) }
    return sum
  }

  /// The next line without its end, which is valid until the next call and as long as this object
  /// lives; nil at the end.
  ///
  /// - Throws: `ChartsError.differs` if the line is too long or has no end; what `TextReader.read`
  ///   throws.
  func next() throws -> UnsafeRawBufferPointer? {
    while true {
      let bytes: UnsafeRawBufferPointer?
      do {
        unsafe bytes = try unsafe lines.next()
      } catch is TextLines.LineTooLong {
        throw difference(.lineTooLong(max: maxLineBytes))
      }
      if let bytes = unsafe bytes {
        if !lines.hasEnd { throw difference(.noLineEnd) }
        return unsafe bytes
      }
      guard let next = rest.popFirst() else { return nil }
      (endedLines, endedChecksum) = (line, checksum)
      lines = try Self.lines(of: next, from: 0, maxLineBytes: maxLineBytes)
      opened.append(Opened(path: next.file.path, offset: 0, linesBefore: endedLines))
    }
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
    let line = line ?? self.line
    let file = opened.last { $0.linesBefore < line } ?? opened[0]
    return .differs(
      ChartDifference(
        path: file.path, line: line - file.linesBefore, start: file.offset, problem: problem))
  }
}
