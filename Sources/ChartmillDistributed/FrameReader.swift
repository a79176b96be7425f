internal import ChartmillSystem

/// Reads frames from a pipe or a file, one after another: a header, then its payload.
///
/// It reads and holds only as many bytes as a valid header announces.
///
/// Memory: a buffer of `bufferBytes`, and a payload that is held.
@safe final class FrameReader {
  private static let bufferBytes = 256 << 10

  private let file: File
  let partitions: Int
  private let deflate = Deflate()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: bufferBytes, alignment: 4096)
  /// The number of bytes read so far.
  private(set) var offset = 0
  /// The offset of the last frame.
  private(set) var frameStart = 0

  /// - Parameter partitions: the number of partitions that all frames must have been made with.
  init(_ file: File, partitions: Int) {
    self.file = file
    self.partitions = partitions
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// The next header; nil at the end.
  ///
  /// - Precondition: the payload of the last header was read.
  /// - Throws: `FrameError` if the bytes are not a frame with the right number of partitions;
  ///   `SystemError`; `Interrupted`.
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

  /// Copies the payload of `header` to `spill` at the offset `end`.
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

  /// Reads the payload of a frame that is not a sorted run.
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

  /// The error for a problem with the last frame.
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
