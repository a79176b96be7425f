import Glibc
import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSystem

/// Logs in blocks, as `bgzip` writes them, which all workers decompress.
///
/// The expected text is the one that was compressed. For a damaged file it is what `TextReader`
/// makes of it, which knows nothing about blocks; other tests compare that with zlib.
@Suite struct LogBlocksTests {
  /// What is known about a log after it was read, or why it cannot be read.
  private enum Outcome: Equatable {
    case read(lines: Checksum, text: Checksum, hasTrailingBytes: Bool, byteCount: Int)
    case failed(LogError)
  }

  /// A chunk of a log, with the number of its first line.
  private typealias Part = (line: Int, text: [UInt8])

  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path(of: "listen-20260705.log.gz")
  }

  /// Reads a log one chunk after another.
  private func serial(_ bytes: [UInt8]) throws -> Outcome {
    try folder.write(bytes, to: "listen-20260705.log.gz")
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: LogChunks.chunkBytes, alignment: 64)
    defer { memory.deallocate() }
    do {
      let chunks = LogChunks(try TextReader(LogFile(path: path)))
      var parts: [Part] = []
      while let chunk = try chunks.next(into: memory) {
        parts.append((chunk.firstLine, Array(chunk.text)))
      }
      let text = chunks.text
      return .read(
        lines: lines(parts), text: text.checksum, hasTrailingBytes: text.hasTrailingBytes,
        byteCount: text.log.byteCount)
    } catch let error as LogError {
      return .failed(error)
    }
  }

  /// Reads a log with several workers.
  private func shared(_ bytes: [UInt8], threads: Int) throws -> Outcome {
    try folder.write(bytes, to: "listen-20260705.log.gz")
    let log = SharedLog(
      index: 0, day: 0, file: 0, text: try TextReader(LogFile(path: path)))
    let failure = FirstFailure()
    let parts = Locked<[Part]>([])
    let rolledUp = Locked<RolledUpLog?>(nil)
    let progress = ProgressCounters()
    for _ in 0..<threads { #expect(log.join()) }
    try Workers.run(threads) { _ in
      failure.capture {
        try Arena.withMemory(of: SharedLog.Memory.init(in:)) { memory in
          let deflate = Deflate()
          while let chunk = try log.nextChunk(into: memory, deflate, progress: progress) {
            if failure.hasFailed { return }
            if chunk.text.isEmpty { continue }
            let part = (chunk.firstLine, Array(chunk.text))
            parts.withLock { $0.append(part) }
          }
          if let (log, _) = log.leave(merging: RejectTally()) {
            rolledUp.withLock { $0 = log }
          }
        }
      }
    }
    if let error = failure.error { return .failed(try #require(error as? LogError)) }
    let read = try #require(rolledUp.withLock { $0 })
    // All bytes were counted, except those that are ignored at the end.
    let counted = progress.inputBytesRead.load(ordering: .relaxed)
    #expect(read.reading == .gzipWithTrailingBytes || counted == bytes.count)
    return .read(
      lines: lines(parts.withLock { $0 }), text: read.checksum,
      hasTrailingBytes: read.reading == .gzipWithTrailingBytes, byteCount: read.byteCount)
  }

  /// The checksum of the lines of all chunks in order, each with an end. Each chunk must begin with
  /// the line that it names. Lines that are too long are cut, because readers may keep more bytes
  /// of them than needed.
  private func lines(_ parts: [Part]) -> Checksum {
    let lineEnd: [UInt8] = [10]
    var lines = Checksum()
    var number = 1
    for part in parts.sorted(by: { $0.line < $1.line }) {
      #expect(part.line == number)
      part.text.withUnsafeBytes { text in
        var start = 0
        while start < text.count, let base = text.baseAddress {
          let found = memchr(base + start, 10, text.count - start)
          let end = found.map { UnsafeRawPointer($0) - base } ?? text.count
          let kept = min(end, start + RejectReason.maxLineBytes + 1)
          lines.append(UnsafeRawBufferPointer(rebasing: text[start..<kept]))
          lines.append(lineEnd.span)
          number += 1
          start = end + 1
        }
      }
    }
    return lines
  }

  /// Lines of any length: rows and, if `isLong`, lines that may be longer than a row or a chunk.
  private func text(_ random: inout SeededGenerator, lines: Int, isLong: Bool) -> [UInt8] {
    var text: [UInt8] = []
    let lengths = [0, 1, 900, 2000, 4095, 4096, 4097, 4098, 4099, 9000, 20_000, 70_000, 300_000]
    for _ in 0..<lines {
      text += "\(random.next() >> 31)|\(random.below(1 << 30))|FR".utf8
      if isLong {
        let count = lengths[random.below(random.below(20) == 0 ? lengths.count : 4)]
        for _ in 0..<(count / 8) {
          // Eight bytes from `@` to DEL.
          let word = random.next() & 0x3f3f_3f3f_3f3f_3f3f | 0x4040_4040_4040_4040
          withUnsafeBytes(of: word) { text += $0 }
        }
        text.append(contentsOf: repeatElement(65, count: count % 8))
      }
      text += random.below(9) == 0 ? [13, 10] : [10]
    }
    if random.below(2) == 0, !text.isEmpty { text.removeLast() }
    return text
  }

  private func expect(
    _ bytes: [UInt8], _ expected: Outcome, _ label: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for threads in [1, 2, 8] {
      let found = try shared(bytes, threads: threads)
      #expect(found == expected, "\(label), \(threads) threads", sourceLocation: sourceLocation)
    }
  }

  @Test func anyTextInAnyBlocksGivesItsLines() throws {
    for seed in UInt64(0)..<40 {
      var random = SeededGenerator(seed: seed)
      let isLong = seed % 2 == 0
      let text = text(&random, lines: random.below(isLong ? 300 : 100), isLong: isLong)
      let maxBytes = isLong ? [4000, 65_280, 65_536][random.below(3)] : 1 + random.below(50)
      let isEven = random.below(2) == 0
      let bytes = BlockedGzip.file(
        BlockedGzip.blocks(text, size: { isEven ? maxBytes : random.below(maxBytes + 1) }))
      let expected = Outcome.read(
        lines: lines([(1, text)]), text: text.withUnsafeBytes { Checksum(of: $0) },
        hasTrailingBytes: false, byteCount: bytes.count)
      try expect(bytes, expected, "seed \(seed)")
    }
  }

  /// Without this, the other tests would pass if no block were ever recognized.
  @Test func allBlocksAreTaken() throws {
    var random = SeededGenerator(seed: 1)
    let text = text(&random, lines: 300, isLong: true)
    let bytes = BlockedGzip.file(text) + BlockedGzip.block([])
    try folder.write(bytes, to: "listen-20260705.log.gz")
    let chunks = LogChunks(try TextReader(LogFile(path: path)))
    let blocks = LogBlocks(chunks)
    let deflate = Deflate()
    try Arena.withMemory(of: SharedLog.Memory.init(in:)) { memory in
      var count = 0
      while let taken = try blocks.take(into: memory.blocks) {
        _ = try blocks.join(taken, into: memory.text, deflate) { count += $0 }
      }
      #expect(count == bytes.count)
      #expect(chunks.text.checksum.byteCount == text.count)
    }
  }

  /// Two workers have taken blocks, and those of the first one are damaged.
  @Test func blocksAfterDamagedOnesAreDropped() throws {
    var random = SeededGenerator(seed: 3)
    var blocks = BlockedGzip.blocks(
      text(&random, lines: 300, isLong: true), size: { 20_000 })
    blocks[1][blocks[1].count - 8] ^= 1
    try folder.write(BlockedGzip.file(blocks), to: "listen-20260705.log.gz")
    let chunks = LogChunks(try TextReader(LogFile(path: path)))
    let shared = LogBlocks(chunks)
    let deflate = Deflate()
    try Arena.withMemory(of: SharedLog.Memory.init(in:)) { one in
      try Arena.withMemory(of: SharedLog.Memory.init(in:)) { other in
        let first = try #require(try shared.take(into: one.blocks))
        let second = try #require(try shared.take(into: other.blocks))
        for (taken, memory) in [(first, one), (second, other)] {
          let chunk = try shared.join(taken, into: memory.text, deflate) { _ in
            Issue.record("the text was not dropped")
          }
          #expect(chunk.text.isEmpty && chunks.text.checksum.byteCount == 0)
        }
        // `TextReader` reads the log from its beginning and finds the damage.
        #expect(try shared.take(into: one.blocks).map { _ in true } == nil)
        #expect(throws: LogError.self) { try chunks.next(into: one.text) }
      }
    }
  }

  /// Files that are not only blocks, or whose blocks are not what they say.
  @Test func everyOtherFileIsReadAsBefore() throws {
    var random = SeededGenerator(seed: 2)
    let text = text(&random, lines: 150, isLong: true)
    let blocks = BlockedGzip.blocks(text, size: { 20_000 })
    #expect(blocks.count > 9 && text.count > LogChunks.chunkBytes)
    let whole = BlockedGzip.file(blocks)
    try folder.write(text, to: "text")
    let plain = try Tool.run("gzip", "-nc", folder.path(of: "text")).output
    var cases = [
      ("no empty block at the end", BlockedGzip.file(blocks.dropLast())),
      ("two files", whole + whole), ("gzip, then blocks", plain + whole),
      ("blocks, then gzip", whole + plain), ("gzip between blocks", whole + plain + whole),
      ("zeros", whole + [UInt8](repeating: 0, count: 200_000)),
      ("zeros between blocks", whole + [0, 0, 0] + whole),
      ("other bytes", whole + Array("1|2|FR\n".utf8)),
      ("other bytes between blocks", whole + [1] + whole),
      ("a magic byte", whole + [0x1f]), ("a magic number", whole + [0x1f, 0x8b]),
      ("only the empty block", BlockedGzip.block([])), ("no byte", []),
      ("two texts", BlockedGzip.block([65]) + BlockedGzip.file([10, 66])),
    ]
    for number in [0, 5, blocks.count - 2, blocks.count - 1] {
      func damaged(_ name: String, _ change: (inout [UInt8]) -> Void) {
        var blocks = blocks
        change(&blocks[number])
        cases.append(("block \(number): \(name)", BlockedGzip.file(blocks)))
      }
      let length = blocks[number].count - 1
      for lie in [0, 17, 25, length - 1, length + 1, length + 26, 65_535] {
        damaged("length \(lie)") {
          $0[16] = UInt8(truncatingIfNeeded: lie)
          $0[17] = UInt8(truncatingIfNeeded: lie >> 8)
        }
      }
      for (place, name) in [(1, "length of the text"), (2, "more text"), (4, "4 GB of text")] {
        damaged(name) { $0[$0.count - place] &+= 1 }
      }
      damaged("no text") { $0.replaceSubrange(($0.count - 4)..., with: [0, 0, 0, 0]) }
      damaged("checksum") { $0[$0.count - 8] ^= 1 }
      damaged("method") { $0[2] = 7 }
      damaged("no extra field") { $0[3] = 0 }
      damaged("another field") { $0[12] = 0x43 }
      damaged("a deflate block of no type") { $0[18] |= 6 }
      damaged("a byte more") { $0.insert(0, at: $0.count - 8) }
      damaged("cut") { $0.removeLast() }
    }
    for (name, bytes) in cases { try expect(bytes, try serial(bytes), name) }
  }

  @Test func cutsAndFlippedBitsAreReadAsBefore() throws {
    for seed in UInt64(0)..<150 {
      var random = SeededGenerator(seed: seed)
      let isLong = seed % 10 == 0
      var bytes = BlockedGzip.file(
        BlockedGzip.blocks(
          text(&random, lines: random.below(400), isLong: isLong),
          size: { 1 + random.below(isLong ? 65_536 : 5000) }))
      for _ in 0..<random.below(3) { bytes[random.below(bytes.count)] ^= 1 << random.below(8) }
      if random.below(3) == 0 { bytes.removeLast(random.below(bytes.count)) }
      try expect(bytes, try serial(bytes), "seed \(seed)")
    }
  }

  /// A text in another format is refused, even if its first bytes are in many blocks.
  @Test func otherFormatsAreRefused() throws {
    for blockBytes in [1, 100, 65_280] {
      let nested = try Tool.gzipped(String(repeating: "1|2|FR\n", count: 40_000))
      let bytes = BlockedGzip.file(nested + nested, blockBytes: blockBytes)
      let expected = try serial(bytes)
      guard case .failed(.notText(_, let finding)) = expected else {
        Issue.record("\(expected)")
        return
      }
      #expect(finding.format == .gzip && finding.isInsideGzip)
      try expect(bytes, expected, "blocks of \(blockBytes)")
    }
  }
}
