internal import ChartmillCore
internal import ChartmillSystem
internal import Glibc

/// The lines of a published file, plain or gzip, one after another through a fixed buffer, from its
/// beginning or from where a partition begins.
///
/// Memory: `LogText.byteCount` and `bufferBytes`, or the longest line if that is more.
@safe final class ChartLines {
  private static let bufferBytes = 256 << 10
  private static let newline = Int32(UInt8(ascii: "\n"))

  let path: String
  /// The byte of the file that the first line begins at.
  let offset: Int
  /// The number of the line that `next` returned last, from 1.
  private(set) var line = 0
  private let text: LogText
  private let mostLineBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// Of the line that `next` returned last.
  private var lastStart = 0

  /// - Parameters:
  ///   - offset: a byte of the file to begin at: of gzip, where a member begins.
  ///   - mostLineBytes: of a line with its end; a longer one is a difference.
  init(_ file: LogFile, from offset: Int = 0, mostLineBytes: Int) throws {
    path = file.path
    self.offset = offset
    self.mostLineBytes = mostLineBytes
    text = try LogText(file, from: offset, sumsStoredBytes: true, recognizesFormats: false)
    unsafe buffer = .allocate(byteCount: max(Self.bufferBytes, mostLineBytes), alignment: 64)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// Of what was read from the file so far; of all behind `offset` once `next` returned nil.
  var checksum: Checksum { text.storedChecksum ?? Checksum() }

  /// The next line without its end, valid until the next call and as long as this object lives; nil
  /// at the end.
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
        guard bytes.count < mostLineBytes else {
          throw difference(.lineTooLong(max: mostLineBytes))
        }
        return unsafe bytes
      }
      searched = end - start
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      (start, end) = (0, end - start)
      guard end < mostLineBytes else {
        line += 1
        throw difference(.lineTooLong(max: mostLineBytes))
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

  /// Lets `next` return the last line again. What it returned is invalid then.
  ///
  /// - Precondition: `next` was called before, and not this since.
  func stepBack() {
    start = lastStart
    line -= 1
  }

  /// Reads the line that must come first, unless it is an empty one.
  func skipHeader(_ header: StaticString) throws {
    if header.utf8CodeUnitCount == 0 { return }
    guard let bytes = try unsafe next() else { throw difference(.missingHeader) }
    let expected = unsafe UnsafeBufferPointer(
      start: header.utf8Start, count: header.utf8CodeUnitCount)
    guard unsafe bytes.elementsEqual(expected.dropLast()) else { throw difference(.missingHeader) }
  }

  /// - Parameter line: nil for the last one.
  func difference(_ problem: ChartDifference.Problem, line: Int? = nil) -> ChartsError {
    .differs(
      ChartDifference(path: path, line: line ?? self.line, start: offset, problem: problem))
  }
}
