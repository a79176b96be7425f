package import ChartmillSystem
internal import Glibc

/// A file of segments: an unnamed spill file, or a kept rollup without the records at its end.
///
/// An unnamed spill file stays open, because it could not be opened again. A kept rollup is opened
/// when it is read.
package final class SpillFile: Sendable {
  private enum Source: Sendable {
    case open(File)
    case pooled(FilePool, id: Int, File.Status)
  }

  package let path: String
  /// The byte offset at which the segments end.
  package let end: Int
  private let source: Source

  /// Uses an unnamed spill file, which stays open.
  package init(file: File, end: Int) {
    path = file.path
    self.end = end
    source = .open(file)
  }

  /// Uses a kept rollup, which `pool` opens when it is read.
  ///
  /// - Parameter status: the current status of the file. The file must have the same status when it
  ///   is read later.
  package init(path: String, status: File.Status, end: Int, pool: FilePool) {
    self.path = path
    self.end = end
    source = .pooled(pool, id: pool.makeID(), status)
  }

  deinit {
    if case .pooled(let pool, let id, _) = source { pool.close(id) }
  }

  /// Reads from byte `offset` on until `buffer` is full or the file ends.
  ///
  /// - Returns: The number of bytes read; 0 if the name is gone or another file has taken it.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError)
    -> Int
  {
    switch source {
    case .open(let file):
      return try unsafe file.read(into: buffer, at: offset)
    case .pooled(let pool, let id, let status):
      do {
        return try unsafe pool.file(id) { () throws(SystemError) in
          let file = try File.open(reading: path, followsLinks: false)
          guard try file.status() == status else {
            throw SystemError("open", path, .reading, errno: ESTALE)
          }
          return file
        }.read(into: unsafe buffer, at: offset)
      } catch let error where error.errno == ESTALE || error.isNotFound || error.isLink {
        return 0
      }
    }
  }

  /// Gives back the space of bytes that nobody will read again: in the page cache and, for an
  /// unnamed spill file, on disk.
  ///
  /// Only complete pages are given back. Fewer than a few pages are not worth the system call.
  package func release(_ bytes: Range<Int>) {
    let page = 4096
    let first = (bytes.lowerBound + page - 1) & ~(page - 1)
    let byteCount = bytes.upperBound & ~(page - 1) - first
    guard byteCount >= Self.minReleasedBytes else { return }
    switch source {
    case .open(let file):
      file.discard(from: first, byteCount: byteCount)
    case .pooled(let pool, let id, _):
      pool.openFile(id)?.dropFromCache(from: first, byteCount: byteCount)
    }
  }

  /// The minimum number of bytes that are worth a system call.
  private static let minReleasedBytes = 64 << 10

  /// Copies the segments of `spills` into the empty `file`, and returns the byte offset at which
  /// they end. Memory: 256 KiB. Throws `SystemError`.
  package static func concatenate(_ spills: [SpillFile], into file: File) throws(SystemError) -> Int
  {
    var end = 0
    for spill in spills {
      try spill.copy(0..<spill.end, into: file, at: end)
      end += spill.end
    }
    return end
  }

  /// Copies bytes into `file`, beginning at its byte `target`. Memory: 256 KiB. Throws
  /// `SystemError`.
  func copy(_ bytes: Range<Int>, into file: File, at target: Int) throws(SystemError) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(bytes.count, 256 << 10), alignment: 4096)
    defer { unsafe memory.deallocate() }
    var offset = bytes.lowerBound
    while offset < bytes.upperBound {
      let piece = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[..<min(memory.count, bytes.upperBound - offset)])
      let count = try unsafe read(into: piece, at: offset)
      guard count > 0 else { throw SystemError("pread", path, .reading, errno: EIO) }
      try unsafe file.write(
        UnsafeRawBufferPointer(rebasing: piece[..<count]), at: target + offset - bytes.lowerBound)
      offset += count
    }
  }
}
