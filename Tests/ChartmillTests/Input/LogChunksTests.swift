import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSynth

@Suite struct LogChunksTests {
  /// The chunks of a text, each with the number of its first line. Together they are the text,
  /// except for bytes of very long lines, which are left out.
  private func chunks(_ text: [UInt8], chunkBytes: Int) throws -> [(text: [UInt8], line: Int)] {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "listen-20260705.log")
    let chunks = LogChunks(
      try TextReader(try LogFile(path: folder.path(of: "listen-20260705.log"))))
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes + 8, alignment: 8)
    defer { memory.deallocate() }
    memory[chunkBytes] = 0xEE
    var result: [(text: [UInt8], line: Int)] = []
    while let chunk = try chunks.next(
      into: UnsafeMutableRawBufferPointer(rebasing: memory[..<chunkBytes]))
    {
      result.append((Array(chunk.text), chunk.firstLine))
    }
    #expect(memory[chunkBytes] == 0xEE)
    #expect(chunks.text.checksum.byteCount == text.count)
    #expect(try chunks.next(into: memory) == nil)
    return result
  }

  private func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  /// The lines are about as long as the maximum or as a chunk, with both kinds of line ends or
  /// none.
  @Test(arguments: [5000, 8192, 10_000, LogChunks.chunkBytes])
  func linesAreCompleteAndLongOnesStayTooLong(chunkBytes: Int) throws {
    for seed in UInt64(0)..<40 {
      var random = RandomStream(seed: seed)
      var text: [UInt8] = []
      let lengths = [
        0, 1, 12, 23, 100, 4094, 4095, 4096, 4097, 4098, 4099, 5000, chunkBytes - 1, chunkBytes,
        chunkBytes + 1, 2 * chunkBytes, 70_000,
      ]
      for number in 0..<Int.random(in: 0...60, using: &random) {
        let length = lengths.randomElement(using: &random) ?? 0
        text += [UInt8](repeating: UInt8(ascii: "a") + UInt8(number % 26), count: length)
        if Bool.random(using: &random) { text.append(UInt8(ascii: "\r")) }
        text.append(UInt8(ascii: "\n"))
      }
      if seed % 2 == 0, !text.isEmpty { text.removeLast() }
      let chunks = try chunks(text, chunkBytes: chunkBytes)
      for chunk in chunks.dropLast() { #expect(chunk.text.last == UInt8(ascii: "\n")) }
      #expect(chunks.allSatisfy { !$0.text.isEmpty && $0.text.count <= chunkBytes })
      var line = 1
      for chunk in chunks {
        #expect(chunk.line == line)
        line += lines(chunk.text).count - 1
      }
      let (before, after) = (lines(text), lines(chunks.flatMap(\.text)))
      #expect(before.count == after.count)
      for (whole, kept) in zip(before, after) where whole != kept {
        // Only a line that is too long may be shortened, and it must still be too long.
        let bytes = kept.last == UInt8(ascii: "\r") ? kept.count - 1 : kept.count
        #expect(whole.count > 4097 && bytes > RejectReason.maxLineBytes)
        #expect(whole.starts(with: kept.prefix(4096)))
      }
    }
  }

  @Test func textsWithoutALine() throws {
    #expect(try chunks([], chunkBytes: 8192).isEmpty)
    #expect(try chunks([10], chunkBytes: 8192).map(\.text) == [[10]])
    #expect(try chunks([65], chunkBytes: 8192).map(\.text) == [[65]])
    let long = [UInt8](repeating: 65, count: 1 << 20)
    #expect(try chunks(long, chunkBytes: 8192).map(\.text.count) == [LogChunks.keptLineBytes])
    #expect(
      try chunks(long + [10], chunkBytes: 8192).map(\.text.count) == [LogChunks.keptLineBytes + 1])
  }
}
