internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// Decides whether a log is still the one that was rolled up.
///
/// Its size and modification time are not enough, because a log can be replaced by one of the same
/// size and its time set back (`cp -p`, `touch -r`). Nobody can set the kernel's own time of
/// change. If that time and the inode are the same too, the file was not touched.
///
/// If they differ, the log may have been moved or copied with its time, so its content decides. For
/// a plain text, the CRC of all of it is compared, because the record has that CRC anyway. For
/// gzip, only the beginning and the end are compared, because a changed text changes the CRC in the
/// last bytes.
///
/// One change is not detected: a gzip file with several members, if a member in the middle changes,
/// the size of the file stays the same, and its time is set back.
enum LogIdentity {
  /// The number of bytes that are compared at each end of a log.
  private static let endBytes = 64 << 10

  /// The CRC-32 of the size of a log and of the bytes at both its ends.
  static func endsCRC32(of log: LogFile) throws -> UInt32 {
    var sum = Checksum()
    unsafe withUnsafeBytes(of: Int64(log.byteCount).littleEndian) { unsafe sum.append($0) }
    let starts = Set([0, max(0, log.byteCount - endBytes)]).sorted()
    let file = try File.open(reading: log.path)
    for start in starts {
      let count = min(endBytes, log.byteCount - start)
      let bytes = try file.bytes(at: start, count: count)
      sum.append(bytes.span)
    }
    return sum.crc
  }

  /// The CRC-32 and length of the file as it is stored. Time: the time to read it.
  static func storedChecksum(of log: LogFile) throws -> Checksum {
    var sum = Checksum()
    let file = try File.open(reading: log.path)
    while true {
      let bytes = try file.bytes(at: sum.byteCount, count: endBytes)
      if bytes.isEmpty { return sum }
      sum.append(bytes.span)
    }
  }

  /// The CRC-32 and length of the text. Time: the time to decompress it.
  static func textChecksum(of log: LogFile) throws -> Checksum {
    let text = try TextReader(log)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: endBytes, alignment: 64)
    defer { unsafe memory.deallocate() }
    while try unsafe text.read(into: memory) > 0 { try StopRequest.check() }
    return text.checksum
  }
}

extension RollupLogRecord {
  /// Makes the record of a log that was just read. The ends of standard input cannot be read again.
  init(_ log: LogFile, _ input: Manifest.Input) throws {
    source = Source(
      byteCount: input.bytes, modifiedNanoseconds: log.modifiedNanoseconds,
      changedNanoseconds: log.changedNanoseconds, inode: log.inode,
      endsCRC32: try log.isStandardInput ? 0 : LogIdentity.endsCRC32(of: log))
    self.input = input
  }

  /// Whether `log` is the log that was rolled up.
  ///
  /// Cost: no read if the file was not touched. Otherwise two reads of a gzip file, or all of a
  /// plain text.
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
