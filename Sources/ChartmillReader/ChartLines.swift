internal import ChartmillCore
internal import ChartmillSystem
internal import Glibc

/// Reads the lines of a published file, plain or gzip, one after another, from its beginning or
/// from the beginning of a partition.
///
/// Memory: `TextReader.byteCount` and a buffer of `bufferBytes`, or of the longest line if that is
/// more.
@safe final class ChartLines {
  private static let bufferBytes = 256 << 10
  private static let newline = Int32(UInt8(ascii: "\n"))

  let path: String
  /// The offset of the first line in the file.
  let offset: Int
  /// The number of the line that `next` returned last, from 1.
  private(set) var line = 0
  private let text: TextReader
  private let maxLineBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The offset in `buffer` of the line that `next` returned last.
  private var lastStart = 0

  /// - Parameters:
  ///   - offset: the byte offset at which to begin. In gzip, a member must begin there.
  ///   - maxLineBytes: the maximum length of a line with its end. A longer line is an error.
  init(_ file: LogFile, from offset: Int = 0, maxLineBytes: Int) throws {
    path = file.path
    self.offset = offset
    self.maxLineBytes = maxLineBytes
    text = try TextReader(file, from: offset, sumsStoredBytes: true, recognizesFormats: false)
    unsafe buffer = .allocate(byteCount: max(Self.bufferBytes, maxLineBytes), alignment: 64)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// The checksum of the stored bytes read so far, from `offset` on. It is complete once `next` has
  /// returned nil.
  var checksum: Checksum { text.storedChecksum ?? Checksum() }

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
        if end == 0 { return nil }
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
    .differs(
      ChartDifference(path: path, line: line ?? self.line, start: offset, problem: problem))
  }
}
