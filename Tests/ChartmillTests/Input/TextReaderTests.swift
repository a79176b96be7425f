import Foundation
import Testing

@testable import ChartmillCore

@Suite struct TextReaderTests {
  private func text(of bytes: [UInt8], in folder: TemporaryFolder) throws -> [UInt8] {
    try folder.write(bytes, to: "listen-20260705.log.gz")
    let log = try TextReader(LogFile(path: folder.path(of: "listen-20260705.log.gz")))
    return try Self.readAll(log)
  }

  private static func readAll(_ log: TextReader) throws -> [UInt8] {
    var text: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = try log.read(into: buffer)
      if count == 0 { return text }
      text += buffer[..<count]
    }
  }

  /// Truncating a log at any byte, or flipping a bit of any byte, gives an error or the same text.
  /// It never gives a different text.
  @Test func everyTruncationAndEveryFlippedBitIsFound() throws {
    let folder = try TemporaryFolder()
    let text = (1...60).map { "\($0 &* 7919)|\($0)|FR\n" }.joined()
    let whole = try Tool.gzipped(text)
    #expect(try self.text(of: whole, in: folder) == Array(text.utf8))
    for count in 0..<whole.count {
      #expect(throws: LogError.self, "cut to \(count)") {
        try self.text(of: Array(whole[..<count]), in: folder)
      }
    }
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << UInt8(bit)
        do {
          let read = try self.text(of: bytes, in: folder)
          // Some bits do not affect the text: the time stamp, the extra flags, the system, and the
          // rest of the last byte of the compressed data.
          #expect(read == Array(text.utf8), "bit \(bit) of \(index)")
          #expect((3..<10).contains(index) || index == whole.count - 9, "bit \(bit) of \(index)")
        } catch LogError.corruptGzip {
          // This is the expected error.
        }
      }
    }
  }
}
