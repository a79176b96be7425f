/// Segments in a file: all of a scratch file, all but the end of a kept digest.
struct SpillFile: Sendable {
  let file: File
  /// Where the segments end.
  let end: Int

  /// Copies the segments of `spills` into the empty `file`, and returns where they end. Two spill
  /// files concatenated are a spill file.
  static func concatenate(_ spills: [SpillFile], into file: File) throws(SystemError) -> Int {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { memory.deallocate() }
    var end = 0
    for spill in spills {
      var offset = 0
      while offset < spill.end {
        let piece = UnsafeMutableRawBufferPointer(
          rebasing: memory[..<min(memory.count, spill.end - offset)])
        let count = try spill.file.read(into: piece, at: offset)
        guard count > 0 else { throw SystemError("pread", spill.file.path, errno: 5) }
        try file.write(UnsafeRawBufferPointer(rebasing: piece[..<count]), at: end)
        offset += count
        end += count
      }
    }
    return end
  }
}
