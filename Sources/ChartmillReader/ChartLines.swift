internal import ChartmillCore
internal import ChartmillSystem
internal import Glibc

/// Reads the lines of an output, plain or gzip, one after another, from its beginning or from the
/// beginning of a partition. If the output is in several files, they are read as one.
///
/// Memory: `TextReader.byteCount` and a buffer of `bufferBytes`, or of the longest line if that is
/// more; 32 bytes per file.
@safe final class ChartLines {
  private static let bufferBytes = 256 << 10
  private static let newline = Int32(UInt8(ascii: "\n"))

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
  /// The number of the line that `next` returned last, from 1.
  private(set) var line = 0
  private var text: TextReader
  /// The files that are not opened yet.
  private var rest: ArraySlice<PublishedFile.Part>
  private var opened: [Opened]
  /// The checksum of the files before the one that is being read.
  private var endedChecksum = Checksum()
  private let maxLineBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The offset in `buffer` of the line that `next` returned last.
  private var lastStart = 0

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
    text = try Self.reader(first, from: offset - first.start)
    unsafe buffer = .allocate(byteCount: max(Self.bufferBytes, maxLineBytes), alignment: 64)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  private static func reader(
    _ part: PublishedFile.Part, from offset: Int
  ) throws -> TextReader {
    try TextReader(part.file, from: offset, sumsStoredBytes: true, recognizesFormats: false)
  }

  /// The checksum of the stored bytes read so far, from `offset` on. It is complete once `next` has
  /// returned nil.
  var checksum: Checksum {
    var sum = endedChecksum
    if let checksum = text.storedChecksum { sum.append(checksum) }
    return sum
  }

  /// The next line without its end, which is valid until the next call and as long as this object
  /// lives; nil at the end.
  ///
  /// - Throws: `ChartsError.differs` if the line is too long or has no end; what `TextReader.read`
  ///   throws.
  func next() throws -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let base = unsafe buffer.baseAddress, searched < end,
        let found = unsafe memchr(base + searched, Self.newline, end - searched)
      {
        let lineEnd = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
        (lastStart, start) = (start, lineEnd + 1)
        line += 1
        guard bytes.count < maxLineBytes else {
          throw difference(.lineTooLong(max: maxLineBytes))
        }
        return unsafe bytes
      }
      searched = end - start
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      (start, end) = (0, end - start)
      guard end < maxLineBytes else {
        line += 1
        throw difference(.lineTooLong(max: maxLineBytes))
      }
      let count = try unsafe text.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      if count == 0 {
        if end == 0 {
          guard let next = rest.popFirst() else { return nil }
          endedChecksum = checksum
          text = try Self.reader(next, from: 0)
          opened.append(Opened(path: next.file.path, offset: 0, linesBefore: line))
          continue
        }
        line += 1
        throw difference(.noLineEnd)
      }
      end += count
    }
  }

  /// Makes `next` return the last line again. The bytes that it last returned become invalid.
  ///
  /// - Precondition: the last call was `next`, and it returned a line.
  func stepBack() {
    start = lastStart
    line -= 1
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
