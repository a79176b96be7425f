internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Whether a log is still what was rolled up.
///
/// What `stat` says is not enough: a log can be replaced by one of the same size, with its time set
/// back (`cp -p`, `touch -r`). The kernel's own time of change, which nobody can set, and the inode
/// tell that a file was not touched. When they differ, the log may just have been moved or copied,
/// with its time kept: then its content decides. Of plain text that is all of it, whose CRC the
/// record has anyway; of gzip its ends, since a changed text has another CRC in the last bytes.
///
/// What stays unseen: gzip of several members, one of them changed in the middle, so that the file
/// has the same size as before, with the time set back.
enum LogIdentity {
  /// Bytes at each end of a log.
  private static let endBytes = 64 << 10

  /// CRC-32 of the log's size and of the bytes at both its ends.
  static func endsCRC32(of log: LogFile) throws -> UInt32 {
    var sum = Checksum()
    unsafe withUnsafeBytes(of: Int64(log.byteCount).littleEndian) { unsafe sum.append($0) }
    let starts = Set([0, max(0, log.byteCount - endBytes)]).sorted()
    let file = try File.open(reading: log.path)
    for start in starts {
      let count = min(endBytes, log.byteCount - start)
      let bytes = try file.bytes(at: start, count: count)
      unsafe bytes.withUnsafeBytes { unsafe sum.append($0) }
    }
    return sum.crc
  }

  /// CRC-32 and length of all bytes of the file. Time: that of reading it.
  static func storedChecksum(of log: LogFile) throws -> Checksum {
    var sum = Checksum()
    let file = try File.open(reading: log.path)
    while true {
      let bytes = try file.bytes(at: sum.byteCount, count: endBytes)
      if bytes.isEmpty { return sum }
      unsafe bytes.withUnsafeBytes { unsafe sum.append($0) }
    }
  }

  /// CRC-32 and length of the text. Time: that of decompressing it.
  static func textChecksum(of log: LogFile) throws -> Checksum {
    let text = try TextReader(log)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: endBytes, alignment: 64)
    defer { unsafe memory.deallocate() }
    while try unsafe text.read(into: memory) > 0 { try StopRequest.check() }
    return text.checksum
  }
}

extension RollupLogRecord {
  /// A record of a log that was just read. One that came by standard input cannot be looked at again.
  init(_ log: LogFile, _ input: Manifest.Input) throws {
    source = Source(
      byteCount: input.bytes, modifiedNanoseconds: log.modifiedNanoseconds,
      changedNanoseconds: log.changedNanoseconds, inode: log.inode,
      endsCRC32: try log.isStandardInput ? 0 : LogIdentity.endsCRC32(of: log))
    self.input = input
  }

  /// Whether the log is the one that was rolled up.
  ///
  /// Time: none for a log that was not touched; of others two reads, of plain text all of it.
  func isOf(_ log: LogFile) throws -> Bool {
    guard input.name.utf8.elementsEqual(log.name.utf8), source.byteCount == log.byteCount,
      source.modifiedNanoseconds == log.modifiedNanoseconds
    else { return false }
    if source.inode == log.inode, source.changedNanoseconds == log.changedNanoseconds {
      return true
    }
    if input.reading == .text {
      return try LogIdentity.storedChecksum(of: log).hex == input.textCRC32
    }
    return try LogIdentity.endsCRC32(of: log) == source.endsCRC32
  }
}
