internal import ChartmillCore
internal import ChartmillSystem
internal import Glibc

/// Reads the lines of a text, plain or gzip, one after another.
///
/// Memory: `TextReader.byteCount` and a buffer of `bufferBytes`, or of the longest line if that is
/// more.
@safe final class TextLines {
  /// The line that `next` would return is longer than `maxLineBytes`.
  struct LineTooLong: Error {}

  private static let bufferBytes = 256 << 10
  private static let newline = Int32(UInt8(ascii: "\n"))

  /// The number of the line that `next` returned last, from 1.
  private(set) var number = 0
  /// Whether the last line ended with a line feed. Only the last line of a text may have none.
  private(set) var hasEnd = true
  let maxLineBytes: Int
  private let text: TextReader
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The offset in `buffer` of the line that `next` returned last.
  private var lastStart = 0

  /// - Parameter maxLineBytes: the maximum length of a line with its end.
  init(_ text: TextReader, maxLineBytes: Int) {
    self.text = text
    self.maxLineBytes = maxLineBytes
    unsafe buffer = .allocate(byteCount: max(Self.bufferBytes, maxLineBytes), alignment: 64)
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// The checksum of the stored bytes read so far, if the reader computes it. It is complete once
  /// `next` has returned nil.
  var storedChecksum: Checksum? { text.storedChecksum }

  /// The next line without its end, which is valid until the next call and as long as this object
  /// lives; nil at the end.
  ///
  /// - Throws: `LineTooLong`; what `TextReader.read` throws.
  func next() throws -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let base = unsafe buffer.baseAddress, searched < end,
        let found = unsafe memchr(base + searched, Self.newline, end - searched)
      {
        return try unsafe take(until: UnsafeRawPointer(found) - UnsafeRawPointer(base), endBytes: 1)
      }
      searched = end - start
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      (start, end) = (0, end - start)
      guard end < maxLineBytes else {
        number += 1
        throw LineTooLong()
      }
      let count = try unsafe text.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      if count == 0 {
        if end == 0 { return nil }
        hasEnd = false
        return try unsafe take(until: end, endBytes: 0)
      }
      end += count
    }
  }

  /// Makes `next` return the last line again. The bytes that it last returned become invalid.
  ///
  /// - Precondition: the last call was `next`, and it returned a line.
  func stepBack() {
    start = lastStart
    number -= 1
  }

  private func take(until lineEnd: Int, endBytes: Int) throws -> UnsafeRawBufferPointer {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
    (lastStart, start) = (start, lineEnd + endBytes)
    number += 1
    guard bytes.count < maxLineBytes else { throw LineTooLong() }
    return unsafe bytes
  }
}
