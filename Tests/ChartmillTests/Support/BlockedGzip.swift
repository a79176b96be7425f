@testable import ChartmillSystem

/// Writes gzip in blocks, as `bgzip` does: BGZF, section 4.1 of the SAM specification.
enum BlockedGzip {
  /// One member that holds its own length minus 1 in the extra field `BC`.
  static func block(_ text: [UInt8], _ compressor: ZlibCompressor = ZlibCompressor()) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: Deflate.bound(text.count))
    let bodyBytes = text.withUnsafeBytes { text in
      body.withUnsafeMutableBytes { compressor.compress(text, into: $0) }
    }
    let crc = text.withUnsafeBytes { Checksum(of: $0).crc }
    return [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0]
      + bytes(of: UInt16(26 + bodyBytes - 1)) + body[..<bodyBytes] + bytes(of: crc)
      + bytes(of: UInt32(text.count))
  }

  /// The blocks of a text, whose sizes `size` gives, and the empty block at the end of the file.
  static func blocks(_ text: [UInt8], size: () -> Int) -> [[UInt8]] {
    let compressor = ZlibCompressor()
    var blocks: [[UInt8]] = []
    var start = 0
    while start < text.count {
      let end = min(start + size(), text.count)
      blocks.append(block(Array(text[start..<end]), compressor))
      start = end
    }
    return blocks + [block([], compressor)]
  }

  static func file(_ text: [UInt8], blockBytes: Int = 65_280) -> [UInt8] {
    file(blocks(text, size: { blockBytes }))
  }

  static func file(_ blocks: some Sequence<[UInt8]>) -> [UInt8] {
    blocks.reduce(into: []) { $0 += $1 }
  }

  private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
