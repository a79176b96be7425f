internal import ChartmillCore
internal import ChartmillSystem

/// Writes frames to a pipe or a file, one after another.
///
/// Memory: a buffer of `bufferBytes`.
@safe final class FrameWriter {
  private static let bufferBytes = 256 << 10

  private let file: File
  private let partitions: Int
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: bufferBytes, alignment: 4096)

  init(_ file: File, partitions: Int) {
    self.file = file
    self.partitions = partitions
  }

  deinit {
    unsafe buffer.deallocate()
  }

  /// Writes a sorted run, which is copied from its spill file.
  func write(_ run: SortedRun) throws {
    try write(FrameHeader(run, partitions: partitions).encoded)
    var offset = run.offset
    while offset < run.end {
      try StopRequest.check()
      let piece = unsafe UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<min(buffer.count, run.end - offset)])
      let count = try unsafe run.file.read(into: piece, at: offset)
      try unsafe file.write(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      guard count == piece.count else {
        throw SpillError.corrupt(path: run.file.path, offset: offset)
      }
      offset += count
    }
  }

  /// Writes a frame whose payload is one member.
  ///
  /// - Precondition: `kind` is not `run`.
  func write(_ kind: FrameKind, _ bytes: UnsafeRawBufferPointer) throws {
    try write(FrameHeader(kind, heldBytes: bytes.count, partitions: partitions).encoded)
    try unsafe write(GzipMember.stored(bytes))
  }

  private func write(_ bytes: [UInt8]) throws {
    try file.write(bytes)
  }
}
