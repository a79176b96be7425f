package import ChartmillCore
internal import ChartmillModel
package import ChartmillSystem
internal import FoundationEssentials

/// A day's rollup in a state folder: a spill file with a description of itself.
///
///     rollup  := segment*  record  logs*  pointer
///     record  := a stored gzip member of JSON, `RollupRecord`
///     logs    := a stored gzip member of lines of JSON, one `RollupLogRecord` per log, by name
///     pointer := a stored gzip member of fixed length: a magic number, and where the record begins
///
/// The file is read from its end, so a torn file has no pointer. `zcat` reads all of it. A day may
/// have any number of logs, because their records are read one member at a time.
package struct KeptRollup: Sendable {
  let day: Day
  let spill: SpillFile
  let byteCount: Int
  /// The number of logs. This and the numbers below are copied from the record.
  let logs: Int
  let accepted: Int
  let rejected: Int
  let segments: Int

  private static let pointerMagic: UInt64 = 0x5250_5f4d_4843_0001
  private static let pointerPayloadBytes = 16
  private static let pointerBytes = GzipMember.storedBytes(pointerPayloadBytes)
  /// The maximum size of a record. A record takes a few KiB, plus up to 1 KiB per sample.
  static let maxRecordBytes = 256 << 10
  /// A member of logs ends once it has this many bytes.
  private static let fullLogsBytes = 32 << 10
  /// The maximum size of a member of logs. The record of a log takes a few hundred bytes, mostly
  /// for its name and the names of reasons.
  private static let maxLogsBytes = 128 << 10

  /// The name of the file in the state folder.
  static func name(of day: Day) -> String { "day-\(day).rollup.gz" }

  /// The day whose rollup has that name; nil if it is not the name of a rollup.
  static func day(ofName name: String) -> Day? {
    guard name.hasPrefix("day-"), name.hasSuffix(".rollup.gz") else { return nil }
    return Day(yyyymmdd: name.dropFirst(4).dropLast(10))
  }

  /// Writes record, logs and pointer after the segments, which end at `end`.
  ///
  /// - Parameter forEachLog: called once; calls its argument with each log, ordered by name.
  static func finish(
    _ file: File, end: Int, _ record: RollupRecord,
    forEachLog: ((RollupLogRecord) throws -> Void) throws -> Void
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func json(_ value: some Encodable) -> [UInt8] {
      guard let json = try? encoder.encode(value) else {
        preconditionFailure("a record of numbers and strings encodes")
      }
      return [UInt8](json)
    }
    var fileEnd = end
    func write(_ payload: [UInt8]) throws {
      let member = GzipMember.stored(payload.span)
      try file.write(member.span, at: fileEnd)
      fileEnd += member.count
    }
    try write(json(record))
    var lines: [UInt8] = []
    try forEachLog { log in
      lines += json(log) + [newline]
      if lines.count >= fullLogsBytes {
        try write(lines)
        lines.removeAll(keepingCapacity: true)
      }
    }
    if !lines.isEmpty { try write(lines) }
    try write(
      [pointerMagic, UInt64(end)].flatMap { value in
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe [UInt8]($0) }
      })
  }

  /// The fields that the records of all versions have.
  private struct RecordHead: Decodable {
    let format: Int
    let day: Day
  }

  private static let newline = UInt8(ascii: "\n")

  /// Opens a rollup. Returns nil if the file is not a complete rollup of that day, or if its record
  /// cannot be read. `record` is nil if another version of Chartmill made the rollup.
  ///
  /// Only the record is read. Logs and segments are checked when they are read.
  static func open(
    _ path: String, day: Day, deflate: Deflate, pool: FilePool
  ) throws(SystemError) -> (kept: KeptRollup, record: RollupRecord?)? {
    let file: File
    do {
      file = try File.open(reading: path, followsLinks: false)
    } catch {
      // Links are not followed, so a planted link counts as a missing rollup.
      if error.isNotFound || error.isLink { return nil }
      throw error
    }
    let status = try file.status()
    guard status.isRegular else { return nil }
    let size = status.byteCount
    guard
      let pointer = try member(
        in: file, at: size - pointerBytes, end: size, maxBytes: pointerPayloadBytes, deflate),
      pointer.next == size, pointer.payload.count == pointerPayloadBytes
    else { return nil }
    let (magic, end) = unsafe pointer.payload.withUnsafeBytes {
      unsafe (
        UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    guard magic == pointerMagic, end <= UInt64(size),
      let json = try member(
        in: file, at: Int(end), end: size - pointerBytes, maxBytes: maxRecordBytes, deflate),
      let head = try? JSONDecoder().decode(RecordHead.self, from: Data(json.payload)),
      head.day == day
    else { return nil }
    let record = try? JSONDecoder().decode(RollupRecord.self, from: Data(json.payload))
    if head.format == RollupRecord.format, record?.isPlausible != true { return nil }
    let isOurs = head.format == RollupRecord.format
    let kept = KeptRollup(
      day: day, spill: SpillFile(path: path, status: status, end: Int(end), pool: pool),
      byteCount: size, logs: record?.logs ?? 0, accepted: record?.accepted ?? 0,
      rejected: record?.rejected ?? 0, segments: record?.segments ?? 0)
    return (kept, isOurs ? record : nil)
  }

  /// Calls `body` with the record of each log, ordered by name. Returns false if the records cannot
  /// be read, or do not add up to the record of the day.
  ///
  /// Time: a few dozen microseconds per log. Memory: one member of logs.
  func forEachLog(
    _ deflate: Deflate, _ body: (RollupLogRecord) throws -> Void
  ) throws -> Bool {
    let decoder = JSONDecoder()
    var (count, accepted, rejected) = (0, 0, 0)
    var offset = spill.end
    let end = byteCount - Self.pointerBytes
    var isRecord = true
    while offset < end {
      let start = offset
      let member = try Self.member(
        in: spill, at: start, end: end,
        maxBytes: isRecord ? Self.maxRecordBytes : Self.maxLogsBytes, deflate)
      guard let member else { return false }
      offset = member.next
      defer { isRecord = false }
      if isRecord { continue }
      for line in member.payload.split(separator: Self.newline) {
        guard let log = try? decoder.decode(RollupLogRecord.self, from: Data(line)),
          log.input.day == day, log.input.isPlausible
        else { return false }
        let (rows, overflows) = accepted.addingReportingOverflow(log.input.accepted)
        let (badRows, overflowsToo) = rejected.addingReportingOverflow(log.input.rejected)
        if overflows || overflowsToo { return false }
        (count, accepted, rejected) = (count + 1, rows, badRows)
        try body(log)
      }
    }
    return offset == end && !isRecord && count == logs && accepted == self.accepted
      && rejected == self.rejected
  }

  /// Whether `files`, sorted by name, are the logs that were rolled up; nil if the records of the
  /// logs cannot be read, or do not add up to the record of the day.
  ///
  /// Calls `onLog` with each record. Time: `forEachLog`, plus `RollupLogRecord.isOf` up to the
  /// first log that differs.
  func isOf(
    _ files: [LogFile], _ deflate: Deflate, onLog: (RollupLogRecord) throws -> Void
  ) throws -> Bool? {
    var place = 0
    var isSame = true
    let isSound = try forEachLog(deflate) { log in
      if isSame { isSame = try place < files.count && log.isOf(files[place]) }
      place += 1
      try onLog(log)
    }
    return isSound ? isSame && place == files.count : nil
  }

  /// The first bad rows for each reason; none if the record can no longer be read.
  func samples(_ deflate: Deflate) throws -> [Manifest.Sample] {
    let member = try Self.member(
      in: spill, at: spill.end, end: byteCount, maxBytes: Self.maxRecordBytes, deflate)
    guard let member,
      let record = try? JSONDecoder().decode(RollupRecord.self, from: Data(member.payload))
    else { return [] }
    return record.samples
  }

  /// The payload of the member that begins at `start`, and the offset of the next one. Nil if no
  /// `GzipMember` begins there, if it is damaged, if it ends after `end`, or if its payload has
  /// more than `maxBytes` bytes.
  private static func member(
    in file: some ReadableAtOffset, at start: Int, end: Int, maxBytes: Int, _ deflate: Deflate
  ) throws(SystemError) -> (payload: [UInt8], next: Int)? {
    guard start >= 0, end - start >= GzipMember.headerBytes else { return nil }
    let maxMemberBytes = min(end - start, GzipMember.storedBytes(maxBytes))
    var encoded = [UInt8](repeating: 0, count: GzipMember.headerBytes)
    func read(_ count: Int) throws(SystemError) -> Bool {
      encoded = [UInt8](repeating: 0, count: count)
      return try unsafe encoded.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
        try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer), at: start) == count
      }
    }
    guard try read(GzipMember.headerBytes),
      let length = GzipMember.length(encoded.span), length <= maxMemberBytes,
      try read(length)
    else { return nil }
    var payload = [UInt8](repeating: 0, count: length)
    let count = unsafe encoded.withUnsafeBytes { encoded in
      unsafe payload.withUnsafeMutableBytes {
        unsafe GzipMember.read(encoded, into: $0, deflate: deflate)
      }
    }
    guard let count, count <= maxBytes else { return nil }
    return (Array(payload.prefix(count)), start + length)
  }
}

/// A file that can be read at any offset.
private protocol ReadableAtOffset {
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
}

extension File: ReadableAtOffset {}
extension SpillFile: ReadableAtOffset {}
