/// Reads the trailer of one gzip member (RFC 1952, section 2.3.1): the CRC-32 of the text and its
/// length modulo 2^32, from pieces of any size.
package struct GzipTrailer {
  package enum Progress: Equatable {
    case incomplete
    case complete
    case failed(GzipProblem)
  }

  package static let byteCount = 8

  private var bits: UInt64 = 0
  private var count = 0

  /// Takes bytes from the front of `input` until the trailer ends or `input` is empty, and compares
  /// them with the checksum of the text. The CRC is compared before the length is read.
  package mutating func read(
    _ input: inout UnsafeMutableRawBufferPointer, of text: Checksum
  ) -> Progress {
    while count < Self.byteCount {
      guard let byte = unsafe input.first else { return .incomplete }
      append(byte)
      unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input.dropFirst())
      if let problem = problem(text) { return .failed(problem) }
    }
    return .complete
  }

  /// Appends a byte that the library read beyond the end of the deflate data.
  package mutating func append(_ byte: UInt8) {
    bits |= UInt64(byte) << UInt64(8 * count)
    count += 1
  }

  /// What is wrong with the bytes so far; nil if nothing is.
  package func problem(_ text: Checksum) -> GzipProblem? {
    if count >= 4, UInt32(truncatingIfNeeded: bits) != text.crc { return .checksumMismatch }
    if count == Self.byteCount, bits >> 32 != UInt64(UInt32(truncatingIfNeeded: text.byteCount)) {
      return .lengthMismatch
    }
    return nil
  }
}
