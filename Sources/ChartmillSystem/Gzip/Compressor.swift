internal import CZlib

/// Compresses a complete buffer into a raw deflate stream (RFC 1951).
package protocol Compressor {
  /// Compresses `input` into `output` and returns the bytes written.
  ///
  /// - Precondition: `output` holds `Deflate.bound(input.count)` bytes.
  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int
}

/// zlib's deflate, which compresses the published files in every build, because it makes the same
/// bytes from the same buffer. ISA-L is faster, but can compress the same text in different ways.
///
/// Each worker has one. Its state is allocated once and reused for every buffer.
///
/// Time: about 17 ns per byte of charts. Memory: `byteCount`.
@safe package final class ZlibCompressor: Compressor {
  /// The size of the state in bytes: window, hash chains and symbols.
  package static let byteCount = 272 << 10

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  /// Makes a compressor for text, at the fastest level that looks for repeated strings.
  package convenience init() {
    self.init(memLevel: 8, strategy: Z_DEFAULT_STRATEGY)
  }

  package init(memLevel: Int32, strategy: Int32) {
    unsafe stream.initialize(to: z_stream())
    let status = unsafe chartmill_deflateInit2(stream, 1, -15, memLevel, strategy)
    precondition(status == Z_OK, "zlib could not allocate its state")
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  package func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer)
    -> Int
  {
    unsafe deflateReset(stream)
    unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
      mutating: input.bytes)
    unsafe stream.pointee.avail_in = UInt32(input.count)
    unsafe stream.pointee.next_out = unsafe output.bytes
    unsafe stream.pointee.avail_out = UInt32(output.count)
    let status = unsafe deflate(stream, Z_FINISH)
    precondition(status == Z_STREAM_END, "output smaller than Deflate.bound")
    return unsafe output.count - Int(stream.pointee.avail_out)
  }
}
