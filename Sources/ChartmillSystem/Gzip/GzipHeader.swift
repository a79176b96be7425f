/// Reads the header of one gzip member (RFC 1952, section 2.3) from pieces of any size.
///
/// It accepts what zlib accepts: the magic bytes, method 8, no reserved flag, and a header CRC that
/// matches if there is one. The extra field, the name and the comment are skipped without being
/// held in memory.
package struct GzipHeader {
  package enum Progress: Equatable {
    /// All input was used, and the header is not complete yet.
    case incomplete
    case complete
    /// The first byte of the remaining input is not allowed there.
    case invalid
  }

  package static let magic: (UInt8, UInt8) = (0x1f, 0x8b)

  private enum Field {
    case fixed, extraLength, extra, name, comment, checksum, end
  }

  private static let fixedBytes = 10
  private static let methodOffset = 2
  private static let flagsOffset = 3
  private static let deflateMethod: UInt8 = 8

  private enum Flag {
    static let checksum: UInt8 = 1 << 1
    static let extra: UInt8 = 1 << 2
    static let name: UInt8 = 1 << 3
    static let comment: UInt8 = 1 << 4
    static let reserved: UInt8 = 0b1110_0000
  }

  private var field = Field.fixed
  /// The number of bytes of `field` that were read.
  private var position = 0
  private var flags: UInt8 = 0
  private var extraBytes = 0
  /// The checksum of all bytes before the header's own CRC.
  private var checksum = Checksum()

  /// Takes bytes from the front of `input` until the header ends, `input` is empty, or a byte is
  /// not allowed.
  ///
  /// Time: linear in the number of bytes taken.
  package mutating func read(_ input: inout UnsafeMutableRawBufferPointer) -> Progress {
    while field != .end {
      guard let byte = unsafe input.first else { return .incomplete }
      switch field {
      case .fixed:
        guard isValid(byte, at: position) else { return .invalid }
        if position == Self.flagsOffset { flags = byte }
        unsafe take(1, of: &input)
        if position == Self.fixedBytes { begin(.extraLength) }
      case .extraLength:
        extraBytes |= Int(byte) << (8 * position)
        unsafe take(1, of: &input)
        if position == 2 { begin(extraBytes > 0 ? .extra : .name) }
      case .extra:
        unsafe take(min(input.count, extraBytes - position), of: &input)
        if position == extraBytes { begin(.name) }
      case .name, .comment:
        let end = unsafe input.firstIndex(of: 0)
        unsafe take(end.map { $0 + 1 } ?? input.count, of: &input)
        if end != nil { begin(field == .name ? .comment : .checksum) }
      case .checksum:
        guard byte == UInt8(truncatingIfNeeded: checksum.crc >> UInt32(8 * position)) else {
          return .invalid
        }
        unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input.dropFirst())
        position += 1
        if position == 2 { field = .end }
      case .end:
        break
      }
    }
    return .complete
  }

  private func isValid(_ byte: UInt8, at offset: Int) -> Bool {
    switch offset {
    case 0: byte == Self.magic.0
    case 1: byte == Self.magic.1
    case Self.methodOffset: byte == Self.deflateMethod
    case Self.flagsOffset: byte & Flag.reserved == 0
    default: true
    }
  }

  private mutating func take(_ count: Int, of input: inout UnsafeMutableRawBufferPointer) {
    unsafe checksum.append(UnsafeRawBufferPointer(rebasing: input[..<count]))
    position += count
    unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input[count...])
  }

  /// Begins the field `next`, or the first field after it that the flags announce.
  private mutating func begin(_ next: Field) {
    position = 0
    let isPresent =
      switch next {
      case .extraLength: flags & Flag.extra != 0
      case .name: flags & Flag.name != 0
      case .comment: flags & Flag.comment != 0
      case .checksum: flags & Flag.checksum != 0
      case .fixed, .extra, .end: true
      }
    if isPresent {
      field = next
      return
    }
    switch next {
    case .extraLength: begin(.name)
    case .name: begin(.comment)
    case .comment: begin(.checksum)
    case .fixed, .extra, .checksum, .end: field = .end
    }
  }
}
