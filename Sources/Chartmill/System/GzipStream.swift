internal import CZlib

#if CHARTMILL_ISAL
  internal import CISAL
#endif

/// Decompresses one gzip member after another from buffers of any size: the codec of the logs.
///
/// Headers, CRCs and lengths are the library's to check. Memory: `byteCount`, allocated once.
final class GzipStream {
  enum Step {
    /// All input was used, or the output is full.
    case progress
    /// The member ended; its CRC is good.
    case memberEnd
    case failed(GzipProblem)
  }

  /// The checksum of the text of the member so far.
  private(set) var memberChecksum = Checksum()

  #if CHARTMILL_ISAL
    static let byteCount = MemoryLayout<inflate_state>.size
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

    init() {
      beginMember()
    }

    deinit {
      state.deallocate()
    }

    /// Of the member, those used so far; counted while they may be of its header's fixed part.
    private var headerBytes = 0
    /// The fourth byte of a header; bits 5 to 7 are reserved and must be zero (RFC 1952, 2.3.1.2).
    private static let flagsOffset = 3
    private static let reservedFlags: UInt8 = 0b1110_0000

    func beginMember() {
      headerBytes = 0
      isal_inflate_init(state)
      state.pointee.crc_flag = UInt32(ISAL_GZIP)
      memberChecksum = Checksum()
    }

    /// Decompresses from `input` into `output`; both shrink by what was used.
    func step(
      _ input: inout UnsafeMutableRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
    ) -> Step {
      // ISA-L passes over flags that zlib refuses.
      let flags = Self.flagsOffset - headerBytes
      if flags >= 0, flags < input.count, input[flags] & Self.reservedFlags != 0 {
        return .failed(.badHeader)
      }
      let available = input.count
      state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_in = UInt32(input.count)
      state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(output.count)
      let status = isal_inflate(state)
      let produced = output.count - Int(state.pointee.avail_out)
      input = UnsafeMutableRawBufferPointer(
        rebasing: input[(input.count - Int(state.pointee.avail_in))...])
      output = UnsafeMutableRawBufferPointer(rebasing: output[produced...])
      if headerBytes <= Self.flagsOffset { headerBytes += available - input.count }
      let isFinished = state.pointee.block_state == ISAL_BLOCK_FINISH
      memberChecksum = Checksum(
        crc: state.pointee.crc, byteCount: memberChecksum.byteCount + produced)
      switch status {
      case ISAL_DECOMP_OK: return isFinished ? .memberEnd : .progress
      case ISAL_END_INPUT, ISAL_OUT_OVERFLOW: return .progress
      case ISAL_INCORRECT_CHECKSUM: return .failed(.checksumMismatch)
      case ISAL_INVALID_WRAPPER, ISAL_UNSUPPORTED_METHOD: return .failed(.badHeader)
      default: return .failed(.corruptData)
      }
    }
  #else
    /// A 32 KiB window and zlib's own 7 KiB.
    static let byteCount = 40 << 10
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
      stream.initialize(to: z_stream())
      // 15 bits of window, and 16: a gzip wrapper, nothing else.
      let status = chartmill_inflateInit2(stream, 15 + 16)
      precondition(status == Z_OK, "zlib could not allocate its state")
    }

    deinit {
      inflateEnd(stream)
      stream.deallocate()
    }

    func beginMember() {
      inflateReset(stream)
      memberChecksum = Checksum()
    }

    /// Decompresses from `input` into `output`; both shrink by what was used.
    func step(
      _ input: inout UnsafeMutableRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
    ) -> Step {
      stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(input.count)
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(output.count)
      let status = inflate(stream, Z_NO_FLUSH)
      let produced = output.count - Int(stream.pointee.avail_out)
      input = UnsafeMutableRawBufferPointer(
        rebasing: input[(input.count - Int(stream.pointee.avail_in))...])
      output = UnsafeMutableRawBufferPointer(rebasing: output[produced...])
      memberChecksum = Checksum(
        crc: UInt32(truncatingIfNeeded: stream.pointee.adler),
        byteCount: memberChecksum.byteCount + produced)
      switch status {
      case Z_OK, Z_BUF_ERROR: return .progress
      case Z_STREAM_END: return .memberEnd
      default: return .failed(problem)
      }
    }

    /// zlib names its errors in words only; these are inflate.c's.
    private var problem: GzipProblem {
      switch stream.pointee.msg.map({ String(cString: $0) }) {
      case "incorrect header check", "unknown compression method", "header crc mismatch",
        "unknown header flags set", "invalid window size":
        .badHeader
      case "incorrect data check": .checksumMismatch
      case "incorrect length check": .lengthMismatch
      default: .corruptData
      }
    }
  #endif
}
