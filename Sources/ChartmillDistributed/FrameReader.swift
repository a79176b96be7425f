internal import ChartmillSystem

/// Reads frames from a pipe or a file, one after another: a header, then its payload.
///
/// Whatever the bytes are, no more is read or held than a checked header says. Memory: a buffer of
/// `bufferBytes`, and a payload that is held.
@safe final class FrameReader {
  private static let bufferBytes = 256 << 10

  private let file: File
  let partitions: Int
  private let deflate = Deflate()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: bufferBytes, alignment: 4096)
  /// Bytes read so far.
  private(set) var offset = 0
  /// Where the frame that was read last begins.
  private(set) var frameStart = 0

  /// - Parameter partitions: that all frames must be of.
  init(_ file: File, partitions: Int) {
    self.file = file
    self.partitions = partitions
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// The next header; nil at the end.
  ///
  /// - Precondition: the payload before was read.
  /// - Throws: `FrameError` for anything that is not a frame of so many partitions, `SystemError` when
  ///   reading fails.
  func next() throws -> FrameHeader? {
    try StopRequest.check()
    frameStart = offset
    let member = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<FrameFormat.headerBytes])
    let count = try unsafe fill(member)
    if count == 0 { return nil }
    guard count == member.count else { throw error(.torn) }
    let header: FrameHeader
    do {
      header = try unsafe FrameHeader(UnsafeRawBufferPointer(member), deflate: deflate)
    } catch {
      throw self.error(error)
    }
    guard header.partitions == partitions else {
      throw error(.otherPartitions(found: header.partitions, expected: partitions))
    }
    return header
  }

  /// Copies the payload of `header` to `file` at `end`.
  func copyPayload(of header: FrameHeader, to spill: File, at end: Int) throws {
    var done = 0
    while done < header.payloadBytes {
      try StopRequest.check()
      let piece = unsafe UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<min(buffer.count, header.payloadBytes - done)])
      guard try unsafe fill(piece) == piece.count else { throw error(.torn) }
      let place = end + done
      try unsafe spill.write(UnsafeRawBufferPointer(piece), at: place)

      done += piece.count
    }
  }

  /// What the member of a header that is no run's holds.
  func heldPayload(of header: FrameHeader) throws -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * header.payloadBytes, alignment: 8)
    defer { unsafe memory.deallocate() }
    let member = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<header.payloadBytes])
    let payload = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[header.payloadBytes...])
    guard try unsafe fill(member) == member.count else { throw error(.torn) }
    guard
      let length = unsafe GzipMember.read(
        UnsafeRawBufferPointer(member), into: payload, deflate: deflate)
    else { throw error(.damaged) }
    return unsafe [UInt8](payload[..<length])
  }

  /// Of the frame that was read last.
  func error(_ problem: FrameProblem) -> FrameError { FrameError(problem, offset: frameStart) }

  /// Reads until `memory` is full or the stream ends; returns the bytes read.
  private func fill(_ memory: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < memory.count {
      let count = try unsafe file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: memory[done...]))
      if count == 0 { break }
      done += count
    }
    offset += done
    return done
  }
}
