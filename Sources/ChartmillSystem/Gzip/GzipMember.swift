/// A gzip member (RFC 1952) whose header holds its own length. All spilled data is in such members.
///
/// The header has an extra field `CM` with the length of the complete member, as in BGZF, so that a
/// reader knows how much to read before it decompresses. Any gzip tool reads these members.
///
/// A member is *deflated*, or it is *stored* if its bytes do not compress, because deflating them
/// costs ten times as much as copying them. The length of a stored member depends only on the
/// length of its payload, so a file can reserve space for a member that is written later.
package enum GzipMember {
  /// ID1 ID2 CM FLG MTIME(4) XFL OS XLEN(2), then SI1 SI2 LEN(2) and 4 bytes of member length.
  package static let headerBytes = 20
  /// CRC-32 and payload length.
  package static let trailerBytes = 8
  /// Stored deflate blocks hold at most 65535 bytes and cost 5 more.
  private static let storedBlockBytes = 65535

  /// The maximum number of bytes in a member of `payload` bytes, deflated or stored.
  package static func bound(_ payload: Int) -> Int {
    headerBytes + max(Deflate.bound(payload), storedBytes(payload)) + trailerBytes
  }

  /// The exact number of bytes in a stored member of `payload` bytes.
  package static func storedBytes(_ payload: Int) -> Int {
    let blocks = max(1, (payload + storedBlockBytes - 1) / storedBlockBytes)
    return headerBytes + payload + 5 * blocks + trailerBytes
  }

  /// A member with an empty payload.
  package static var ofNothing: [UInt8] {
    unsafe stored(UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// A stored member, `storedBytes(payload.count)` long.
  package static func stored(_ payload: UnsafeRawBufferPointer) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: storedBytes(payload.count)) { buffer, count in
      count = unsafe writeStored(payload, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// A stored member of `storedBytes(payload.count)` bytes.
  package static func stored(_ payload: Span<UInt8>) -> [UInt8] {
    unsafe payload.withUnsafeBytes { unsafe stored($0) }
  }

  /// Writes a deflated member and returns its length.
  ///
  /// - Precondition: `output` holds `bound(payload.count)` bytes.
  package static func writeDeflated(
    _ payload: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
    _ compressor: some Compressor
  ) -> Int {
    let body = unsafe UnsafeMutableRawBufferPointer(
      rebasing: output[headerBytes..<(output.count - trailerBytes)])
    return unsafe finish(
      payload, bodyBytes: compressor.compress(payload, into: body), output: output)
  }

  /// Writes a stored member and returns its length, `storedBytes(payload.count)`.
  package static func writeStored(
    _ payload: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int {
    var end = headerBytes
    var start = 0
    repeat {
      let count = min(storedBlockBytes, payload.count - start)
      let isLast = start + count == payload.count
      unsafe output[end] = isLast ? 1 : 0
      unsafe output.storeBytes(
        of: UInt16(count).littleEndian, toByteOffset: end + 1, as: UInt16.self)
      unsafe output.storeBytes(
        of: ~UInt16(count).littleEndian, toByteOffset: end + 3, as: UInt16.self)
      unsafe UnsafeMutableRawBufferPointer(rebasing: output[(end + 5)...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: payload[start..<(start + count)]))
      end += 5 + count
      start += count
    } while start < payload.count
    return unsafe finish(payload, bodyBytes: end - headerBytes, output: output)
  }

  /// The fixed part of the header: deflate, an extra field, no time, an unknown system, then the name
  /// and length of the field.
  private static let header: InlineArray<16, UInt8> = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x43, 0x4d, 4, 0,
  ]

  private static func finish(
    _ payload: UnsafeRawBufferPointer, bodyBytes: Int, output: UnsafeMutableRawBufferPointer
  ) -> Int {
    let end = headerBytes + bodyBytes
    let length = end + trailerBytes
    unsafe header.span.withUnsafeBytes { unsafe output.copyMemory(from: $0) }
    unsafe output.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 16, as: UInt32.self)
    unsafe output.storeBytes(
      of: Checksum(of: payload).crc.littleEndian, toByteOffset: end, as: UInt32.self)
    unsafe output.storeBytes(
      of: UInt32(payload.count).littleEndian, toByteOffset: end + 4, as: UInt32.self)
    return length
  }

  /// The length of the member that `bytes` begins with; nil if its header is not one that this type
  /// writes. Every byte of the header is compared, because no CRC covers it.
  package static func length(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= headerBytes,
      unsafe bytes.loadUnaligned(as: UInt32.self).littleEndian == 0x0408_8b1f,
      unsafe bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).littleEndian == 0,
      unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self).littleEndian == 0xff00,
      unsafe bytes.loadUnaligned(fromByteOffset: 10, as: UInt32.self).littleEndian == 0x4d43_0008,
      unsafe bytes.loadUnaligned(fromByteOffset: 14, as: UInt16.self).littleEndian == 4
    else { return nil }
    let length = unsafe Int(bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self).littleEndian)
    return length >= headerBytes + trailerBytes ? length : nil
  }

  /// The length of the member that `bytes` begins with; nil if its header is not one of ours.
  package static func length(_ bytes: Span<UInt8>) -> Int? {
    unsafe bytes.withUnsafeBytes { unsafe length($0) }
  }

  /// Decompresses a complete member, checks its CRC, and returns the length of its payload; nil if
  /// the member is damaged or its payload is larger than `output`.
  package static func read(
    _ member: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, deflate: Deflate
  ) -> Int? {
    guard unsafe length(member) == member.count else { return nil }
    return unsafe readPayload(member, headerBytes: headerBytes, into: output, deflate)?.byteCount
  }

  /// Decompresses a complete member whose header is `headerBytes` long, and returns the checksum of
  /// its payload; nil if its deflate data are damaged, do not end where the trailer begins, do not
  /// match the trailer, or are larger than `output`.
  ///
  /// - Precondition: `member` holds the header and the trailer.
  static func readPayload(
    _ member: UnsafeRawBufferPointer, headerBytes: Int,
    into output: UnsafeMutableRawBufferPointer, _ deflate: Deflate
  ) -> Checksum? {
    let end = member.count - trailerBytes
    let count = unsafe Int(
      member.loadUnaligned(fromByteOffset: end + 4, as: UInt32.self).littleEndian)
    guard count <= output.count else { return nil }
    let payload = unsafe UnsafeMutableRawBufferPointer(rebasing: output[..<count])
    let body = unsafe UnsafeRawBufferPointer(rebasing: member[headerBytes..<end])
    guard unsafe deflate.decompress(body, into: payload) else { return nil }
    let checksum = unsafe Checksum(of: UnsafeRawBufferPointer(payload))
    let crc = unsafe member.loadUnaligned(fromByteOffset: end, as: UInt32.self).littleEndian
    return checksum.crc == crc ? checksum : nil
  }
}
