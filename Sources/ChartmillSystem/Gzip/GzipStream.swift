internal import CZlib

#if CHARTMILL_ISAL
  internal import CISAL
#endif

/// Decompresses the members of a gzip text, such as a log, from buffers of any size.
///
/// `GzipHeader` and `GzipTrailer` read the headers and trailers, and the library only inflates the
/// raw deflate data between them. So builds with zlib and with ISA-L accept the same members.
///
/// Memory: `byteCount`, allocated once.
@safe package final class GzipStream {
  package enum Step: Equatable {
    /// All input was used, or the output is full. The member is not complete yet.
    case progress
    /// The member ended, and its CRC and length are correct.
    case memberEnd
    case failed(GzipProblem)
  }

  private enum Part {
    case header, body, trailer
  }

  /// The checksum of the decompressed text of the current member so far.
  package private(set) var memberChecksum = Checksum()
  private var part = Part.header
  private var header = GzipHeader()
  private var trailer = GzipTrailer()

  /// Begins the next member.
  package func beginMember() {
    part = .header
    header = GzipHeader()
    trailer = GzipTrailer()
    memberChecksum = Checksum()
    beginBody()
  }

  /// Decompresses from `input` into `output`, and removes what was used from the front of both.
  package func step(
    _ input: inout UnsafeMutableRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
  ) -> Step {
    if part == .header {
      switch unsafe header.read(&input) {
      case .incomplete: return .progress
      case .invalid: return .failed(.badHeader)
      case .complete: part = .body
      }
    }
    if part == .body {
      let text = unsafe output
      let end = unsafe inflateBody(&input, &output)
      unsafe memberChecksum.append(
        UnsafeRawBufferPointer(rebasing: text[..<(text.count - output.count)]))
      switch end {
      case .none: return .progress
      case .corrupt: return .failed(.corruptData)
      case .reached: part = .trailer
      }
      // The library may have read some of the trailer ahead.
      if let problem = trailer.problem(memberChecksum) { return .failed(problem) }
    }
    switch unsafe trailer.read(&input, of: memberChecksum) {
    case .incomplete: return .progress
    case .complete: return .memberEnd
    case .failed(let problem): return .failed(problem)
    }
  }

  /// How the deflate data ended in a step: not yet, at its end, or by an error.
  private enum BodyEnd {
    case none, reached, corrupt
  }

  #if CHARTMILL_ISAL
    package static let byteCount = unsafe MemoryLayout<inflate_state>.size
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    /// The last eight bytes of the body, the newest one in the lowest bits.
    ///
    /// ISA-L reads up to eight bytes ahead. Some versions move their pointer back, sometimes to an
    /// address before the current buffer. Others leave the bytes in `read_in`.
    private var lastBytes: UInt64 = 0

    package init() {
      beginBody()
    }

    deinit {
      unsafe state.deallocate()
    }

    private func beginBody() {
      unsafe isal_inflate_init(state)
      unsafe state.pointee.crc_flag = UInt32(ISAL_DEFLATE)
      lastBytes = 0
    }

    private func inflateBody(
      _ input: inout UnsafeMutableRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
    ) -> BodyEnd {
      unsafe state.pointee.next_in = unsafe input.bytes
      unsafe state.pointee.avail_in = UInt32(input.count)
      unsafe state.pointee.next_out = unsafe output.bytes
      unsafe state.pointee.avail_out = UInt32(output.count)
      let status = unsafe isal_inflate(state)
      let produced = unsafe output.count - Int(state.pointee.avail_out)
      unsafe output = unsafe UnsafeMutableRawBufferPointer(rebasing: output[produced...])
      let used = unsafe input.count - Int(state.pointee.avail_in)
      if used >= 0 {
        for index in max(0, used - 8)..<used {
          lastBytes = unsafe lastBytes << 8 | UInt64(input[index])
        }
        unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input[used...])
      }
      guard status == ISAL_DECOMP_OK || status == ISAL_END_INPUT || status == ISAL_OUT_OVERFLOW
      else { return .corrupt }
      guard unsafe state.pointee.block_state == ISAL_BLOCK_FINISH else { return .none }
      for index in stride(from: min(8, -used) - 1, through: 0, by: -1) {
        trailer.append(UInt8(truncatingIfNeeded: lastBytes >> UInt64(8 * index)))
      }
      let bits = unsafe max(0, Int(state.pointee.read_in_length))
      for index in 0..<(bits / 8) {
        let shift = UInt64(bits % 8 + 8 * index)
        unsafe trailer.append(UInt8(truncatingIfNeeded: state.pointee.read_in >> shift))
      }
      return .reached
    }
  #else
    /// A window of 32 KiB and zlib's own state of 7 KiB.
    package static let byteCount = 40 << 10
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    package init() {
      unsafe stream.initialize(to: z_stream())
      // 15 bits of window; the negative sign selects raw deflate.
      let status = unsafe chartmill_inflateInit2(stream, -15)
      precondition(status == Z_OK, "zlib could not allocate its state")
    }

    deinit {
      unsafe inflateEnd(stream)
      unsafe stream.deallocate()
    }

    private func beginBody() {
      unsafe inflateReset(stream)
    }

    private func inflateBody(
      _ input: inout UnsafeMutableRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
    ) -> BodyEnd {
      unsafe stream.pointee.next_in = unsafe input.bytes
      unsafe stream.pointee.avail_in = UInt32(input.count)
      unsafe stream.pointee.next_out = unsafe output.bytes
      unsafe stream.pointee.avail_out = UInt32(output.count)
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      let produced = unsafe output.count - Int(stream.pointee.avail_out)
      unsafe input = unsafe UnsafeMutableRawBufferPointer(
        rebasing: input[(input.count - Int(stream.pointee.avail_in))...])
      unsafe output = unsafe UnsafeMutableRawBufferPointer(rebasing: output[produced...])
      switch status {
      case Z_OK, Z_BUF_ERROR: return .none
      case Z_STREAM_END: return .reached
      default: return .corrupt
      }
    }
  #endif
}
