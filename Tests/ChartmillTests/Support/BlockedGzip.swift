@testable import ChartmillSystem

/// Writes gzip in blocks, as `bgzip` does: BGZF, section 4.1 of the SAM specification.
enum BlockedGzip {
  /// One member that holds its own length minus 1 in the extra field `BC`.
  static func block(_ text: some Collection<UInt8>) -> [UInt8] {
    let text = Array(text)
    var body = [UInt8](repeating: 0, count: Deflate.bound(text.count))
    let bodyBytes = text.withUnsafeBytes { text in
      body.withUnsafeMutableBytes { ZlibCompressor().compress(text, into: $0) }
    }
    let crc = text.withUnsafeBytes { Checksum(of: $0).crc }
    return [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0]
      + bytes(of: UInt16(26 + bodyBytes - 1)) + body[..<bodyBytes] + bytes(of: crc)
      + bytes(of: UInt32(text.count))
  }

  /// The blocks of a text, whose sizes `size` gives, and the empty block at the end of the file.
  static func blocks(_ text: [UInt8], size: () -> Int) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    var start = 0
    while start < text.count {
      let end = min(start + size(), text.count)
      blocks.append(block(text[start..<end]))
      start = end
    }
    return blocks + [block([])]
  }

  static func file(_ text: [UInt8], blockBytes: Int = 65_280) -> [UInt8] {
    Array(blocks(text, size: { blockBytes }).joined())
  }

  private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
