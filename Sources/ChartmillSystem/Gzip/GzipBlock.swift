/// A gzip member whose header holds its length, as `bgzip` writes it: a block of a BGZF file
/// (section 4.1 of the SAM specification). Member and text have at most 64 KiB each, so several
/// threads can decompress a file of such members.
///
/// Only the header that `bgzip` writes is recognized. Its one extra field, `BC`, holds the length of
/// the member minus 1.
package struct GzipBlock {
  /// The header from its first byte to the length in the extra field.
  private static let headerBytes = 18
  private static let maxTextBytes = 64 << 10

  /// The length of the complete member in bytes.
  package let byteCount: Int
  /// The length of the text in bytes, at most 64 KiB.
  package let textBytes: Int

  /// The block that `bytes` begins with. Nil if `bytes` begins with something else or ends inside
  /// the block.
  ///
  /// The two lengths are what the block says about itself. Only `read` shows whether they are true.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerBytes,
      unsafe bytes.loadUnaligned(as: UInt32.self).littleEndian == 0x0408_8b1f,
      unsafe bytes.loadUnaligned(fromByteOffset: 10, as: UInt16.self).littleEndian == 6,
      unsafe bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian == 0x0002_4342
    else { return nil }
    let length = unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt16.self).littleEndian
    byteCount = Int(length) + 1
    guard byteCount >= Self.headerBytes + GzipMember.trailerBytes, byteCount <= bytes.count
    else { return nil }
    textBytes = unsafe Int(
      bytes.loadUnaligned(fromByteOffset: byteCount - 4, as: UInt32.self).littleEndian)
    guard textBytes <= Self.maxTextBytes else { return nil }
  }

  /// Decompresses a complete block, compares its text with the CRC and the length in its trailer,
  /// and returns the checksum of the text. Nil if the block is damaged, or if its deflate data do
  /// not end where its header says.
  ///
  /// - Precondition: `bytes` are a block: `GzipBlock(bytes)?.byteCount == bytes.count`.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, deflate: Deflate
  ) -> Checksum? {
    unsafe GzipMember.readPayload(bytes, headerBytes: headerBytes, into: output, deflate)
  }
}
