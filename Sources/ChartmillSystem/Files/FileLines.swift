/// Reads the lines of a file or a pipe, one after another.
///
/// Memory: one line and `pieceBytes`.
package struct FileLines {
  private static let pieceBytes = 64 << 10

  private let file: File
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  package init(_ file: File) {
    self.file = file
  }

  /// The next line with its line end; empty after the last line; nil if it is longer than
  /// `maxBytes`.
  package mutating func next(maxBytes: Int) throws(SystemError) -> [UInt8]? {
    while true {
      if let end = buffer[start...].firstIndex(of: 10) {
        defer { start = end + 1 }
        return end - start <= maxBytes ? Array(buffer[start...end]) : nil
      }
      if isAtEnd {
        defer { start = buffer.count }
        return Array(buffer[start...])
      }
      if buffer.count - start > maxBytes { return nil }
      buffer.removeFirst(start)
      start = 0
      let filled = buffer.count
      buffer += [UInt8](repeating: 0, count: Self.pieceBytes)
      let file = file
      let count = try unsafe buffer.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
        try unsafe file.read(
          into: UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
      }
      buffer.removeLast(Self.pieceBytes - count)
      isAtEnd = count == 0
    }
  }
}
