package import ChartmillSystem

/// The file of `--rejects`: every rejected row, in the order of logs and lines.
///
/// Its text is cut into blocks of one size, and each block is a gzip member. So the bytes of the
/// file do not depend on the memory budget or the number of threads.
@safe package final class RejectsFile {
  private static let blockBytes = 64 << 10
  package static let byteCount =
    blockBytes + GzipMember.bound(blockBytes) + ZlibCompressor.byteCount

  private var target: StagedFile?
  private let compressor = ZlibCompressor()
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 8)
  private let member = UnsafeMutableRawBufferPointer.allocate(
    byteCount: GzipMember.bound(blockBytes), alignment: 8)
  private var filled = 0

  /// - Parameter target: an empty file. Only its owner may read it, because rows hold user ids.
  package init(_ target: consuming StagedFile) {
    self.target = consume target
  }

  deinit {
    unsafe block.deallocate()
    unsafe member.deallocate()
  }

  /// Appends the rejected rows of all logs that a rollup has read.
  ///
  /// Time: the time to copy and deflate the rows. Throws `SystemError`, `SpillError.corrupt` and
  /// `Interrupted`.
  package func append(_ stretches: [RejectSpill.Stretch]) throws {
    let stretches = stretches.sorted { $0.log < $1.log }
    var start = 0
    while start < stretches.count {
      // The stretches of one log, from all workers that read chunks of it.
      let end = stretches[start...].firstIndex { $0.log != stretches[start].log } ?? stretches.count
      var pieces: [Piece] = []
      for stretch in stretches[start..<end] {
        if let piece = try Piece(stretch) { pieces.append(piece) }
      }
      start = end
      while let first = pieces.indices.min(by: { pieces[$0].line < pieces[$1].line }) {
        try StopRequest.check()
        try copy(pieces[first])
        if let next = try Piece(pieces[first].rest) {
          pieces[first] = next
        } else {
          pieces.remove(at: first)
        }
      }
    }
  }

  /// Writes the last block, and gives the file its name.
  package func publish() throws {
    try writeBlock()
    try target.take()?.publish()
  }

  private func copy(_ piece: Piece) throws {
    var done = 0
    while done < piece.byteCount {
      if unsafe filled == block.count { try writeBlock() }
      let free = unsafe UnsafeMutableRawBufferPointer(
        rebasing: block[filled..<(filled + min(block.count - filled, piece.byteCount - done))])
      try unsafe piece.read(into: free, from: done)
      filled += free.count
      done += free.count
    }
  }

  /// Writes the block, even an empty one, because a file without members is not a gzip file.
  private func writeBlock() throws {
    let count = unsafe GzipMember.writeDeflated(
      UnsafeRawBufferPointer(rebasing: block[..<filled]), into: member, compressor)
    filled = 0
    try unsafe target?.file.write(UnsafeRawBufferPointer(rebasing: member[..<count]))
  }
}

/// The next piece of a stretch: a header, and the rows that follow it.
private struct Piece {
  let line: UInt64
  let byteCount: Int
  private let stretch: RejectSpill.Stretch

  /// Reads the header of the next piece; nil at the end of the stretch.
  init?(_ stretch: RejectSpill.Stretch) throws {
    if stretch.isAtEnd { return nil }
    self.stretch = stretch
    var header: [UInt64] = [0, 0]
    try unsafe header.withUnsafeMutableBufferPointer { header in
      try unsafe Self.read(stretch, at: stretch.offset, into: UnsafeMutableRawBufferPointer(header))
    }
    line = UInt64(littleEndian: header[0])
    byteCount = Int(clamping: UInt64(littleEndian: header[1]))
  }

  /// The stretch without this piece.
  var rest: RejectSpill.Stretch {
    var rest = stretch
    rest.offset += RejectSpill.headerBytes + byteCount
    return rest
  }

  func read(into memory: UnsafeMutableRawBufferPointer, from start: Int) throws {
    try unsafe Self.read(
      stretch, at: stretch.offset + RejectSpill.headerBytes + start, into: memory)
  }

  private static func read(
    _ stretch: RejectSpill.Stretch, at offset: Int, into memory: UnsafeMutableRawBufferPointer
  ) throws {
    let count = try unsafe stretch.file.read(into: memory, at: offset)

    guard count == memory.count else {
      throw SpillError.corrupt(path: stretch.file.path, offset: offset)
    }
  }
}
