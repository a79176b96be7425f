internal import Glibc

/// The lines of a published file, plain or gzip, one after another through a fixed buffer.
///
/// Memory: `LogText.byteCount` and `bufferBytes`, or the longest line if that is more.
final class ChartLines {
  private static let bufferBytes = 256 << 10
  private static let newline = Int32(UInt8(ascii: "\n"))

  let path: String
  /// The number of the line that `next` returned last, from 1.
  private(set) var line = 0
  private let text: LogText
  private let mostLineBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  /// - Parameter mostLineBytes: of a line with its end; a longer one is a difference.
  init(_ file: LogFile, mostLineBytes: Int) throws(VerifyError) {
    path = file.path
    self.mostLineBytes = mostLineBytes
    do {
      text = try LogText(file, sumsStoredBytes: true)
    } catch {
      throw .reading(error)
    }
    buffer = .allocate(byteCount: max(Self.bufferBytes, mostLineBytes), alignment: 64)
  }

  deinit {
    buffer.deallocate()
  }

  /// Of the text so far that was read from the file; of all of it once `next` returned nil.
  var checksum: Checksum { text.storedChecksum ?? Checksum() }

  /// The next line without its end, valid until the next call; nil at the end.
  func next() throws(VerifyError) -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let base = buffer.baseAddress, searched < end,
        let found = memchr(base + searched, Self.newline, end - searched)
      {
        let lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
        start = lineEnd + 1
        line += 1
        guard bytes.count < mostLineBytes else {
          throw difference(.lineTooLong(most: mostLineBytes))
        }
        return bytes
      }
      searched = end - start
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      (start, end) = (0, end - start)
      guard end < mostLineBytes else {
        line += 1
        throw difference(.lineTooLong(most: mostLineBytes))
      }
      let count: Int
      do {
        count = try text.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      } catch {
        throw .reading(error)
      }
      if count == 0 {
        if end == 0 { return nil }
        line += 1
        throw difference(.noLineEnd)
      }
      end += count
    }
  }

  /// Reads the line that must come first, unless it is an empty one.
  func skipHeader(_ header: StaticString) throws(VerifyError) {
    if header.utf8CodeUnitCount == 0 { return }
    guard let bytes = try next() else { throw difference(.missingHeader) }
    let expected = UnsafeBufferPointer(start: header.utf8Start, count: header.utf8CodeUnitCount)
    guard bytes.elementsEqual(expected.dropLast()) else { throw difference(.missingHeader) }
  }

  func difference(_ problem: ChartDifference.Problem) -> VerifyError {
    .differs(ChartDifference(path: path, line: line, problem: problem))
  }
}
