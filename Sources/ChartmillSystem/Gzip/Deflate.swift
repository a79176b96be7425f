internal import CZlib

#if CHARTMILL_ISAL
  internal import CISAL
#endif

/// The name of the library that this build reads gzip with.
package let codecName: String = {
  #if CHARTMILL_ISAL
    "isa-l"
  #else
    "zlib"
  #endif
}()

/// Compresses and decompresses complete buffers of spilled data as raw deflate (RFC 1951).
///
/// Each worker has one. Its state is allocated once and reused for every buffer.
///
/// Spilled columns have no repeated strings, so it uses the fastest setting with Huffman coding:
/// zlib's `Z_HUFFMAN_ONLY`, and ISA-L's level 1.
@safe package final class Deflate: Compressor {
  /// The size of both states in bytes: zlib's deflate of memLevel 6 (about 170 KiB) and inflate
  /// (40 KiB), or ISA-L's level buffer and states.
  package static let byteCount: Int = {
    #if CHARTMILL_ISAL
      return unsafe MemoryLayout<isal_zstream>.size + levelBufferBytes
        + MemoryLayout<inflate_state>.size
    #else
      return 224 << 10
    #endif
  }()

  /// The maximum number of bytes that `compress` produces for `byteCount` bytes.
  package static func bound(_ byteCount: Int) -> Int {
    // Stored blocks of at least 16 KiB cost 5 bytes each; ISA-L needs a little more.
    byteCount + (byteCount >> 10) + 512
  }

  #if CHARTMILL_ISAL
    // ISAL_DEF_LVL1_DEFAULT, a macro of sizeof terms that Swift does not import.
    private static let levelBufferBytes = 288 << 10
    private let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
    private let levelBuffer = UnsafeMutablePointer<UInt8>.allocate(capacity: levelBufferBytes)
    private let inflater = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

    package init() {}

    deinit {
      unsafe stream.deallocate()
      unsafe levelBuffer.deallocate()
      unsafe inflater.deallocate()
    }

    /// Compresses `input` into `output` and returns the bytes written.
    ///
    /// - Precondition: `output` holds `bound(input.count)` bytes.
    package func compress(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    )
      -> Int
    {
      unsafe isal_deflate_stateless_init(stream)
      unsafe stream.pointee.level = 1
      unsafe stream.pointee.level_buf = unsafe levelBuffer
      unsafe stream.pointee.level_buf_size = UInt32(Self.levelBufferBytes)
      unsafe stream.pointee.end_of_stream = 1
      unsafe stream.pointee.flush = UInt16(NO_FLUSH)
      unsafe stream.pointee.gzip_flag = UInt16(IGZIP_DEFLATE)
      unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
        mutating: input.bytes)
      unsafe stream.pointee.avail_in = UInt32(input.count)
      unsafe stream.pointee.next_out = unsafe output.bytes
      unsafe stream.pointee.avail_out = UInt32(output.count)
      let status = unsafe isal_deflate_stateless(stream)
      precondition(status == COMP_OK, "output smaller than Deflate.bound")
      return unsafe Int(stream.pointee.total_out)
    }

    /// Decompresses a raw deflate stream. Returns false if it is corrupt, does not fill `output`
    /// exactly or does not use all of `input`.
    package func decompress(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    )
      -> Bool
    {
      unsafe isal_inflate_init(inflater)
      unsafe inflater.pointee.next_in = unsafe UnsafeMutablePointer(
        mutating: input.bytes)
      unsafe inflater.pointee.avail_in = UInt32(input.count)
      unsafe inflater.pointee.next_out = unsafe output.bytes
      unsafe inflater.pointee.avail_out = UInt32(output.count)
      let status = unsafe isal_inflate_stateless(inflater)
      // The stateless call returns the bytes that it read ahead, so `avail_in` counts unused bytes.
      return unsafe status == ISAL_DECOMP_OK && inflater.pointee.avail_out == 0
        && inflater.pointee.avail_in == 0
    }
  #else
    // Huffman coding needs no hash chains, and the smaller symbol buffer of memLevel 6 (8 KiB of
    // symbols per block) is enough for blocks of a few kilobytes.
    private let compressor = ZlibCompressor(memLevel: 6, strategy: Z_HUFFMAN_ONLY)
    private let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    package init() {
      unsafe inflater.initialize(to: z_stream())
      let status = unsafe chartmill_inflateInit2(inflater, -15)
      precondition(status == Z_OK, "zlib could not allocate its state")
    }

    deinit {
      unsafe inflateEnd(inflater)
      unsafe inflater.deallocate()
    }

    /// Compresses `input` into `output` and returns the bytes written.
    ///
    /// - Precondition: `output` holds `bound(input.count)` bytes.
    package func compress(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    )
      -> Int
    {
      unsafe compressor.compress(input, into: output)
    }

    /// Decompresses a raw deflate stream. Returns false if it is corrupt, does not fill `output`
    /// exactly or does not use all of `input`.
    package func decompress(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    )
      -> Bool
    {
      unsafe inflateReset(inflater)
      unsafe inflater.pointee.next_in = unsafe UnsafeMutablePointer(
        mutating: input.bytes)
      unsafe inflater.pointee.avail_in = UInt32(input.count)
      unsafe inflater.pointee.next_out = unsafe output.bytes
      unsafe inflater.pointee.avail_out = UInt32(output.count)
      let status = unsafe inflate(inflater, Z_FINISH)
      return unsafe status == Z_STREAM_END && inflater.pointee.avail_out == 0
        && inflater.pointee.avail_in == 0
    }
  #endif
}
