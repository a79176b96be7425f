internal import FoundationEssentials

/// A day's digest in a state folder: a spill file that says what it is.
///
///     digest := segment*  record  pointer
///
/// The record is a stored gzip member of JSON (`DigestRecord`); the pointer, the last member, of
/// fixed length, says where the record begins. So the file is read from its end, a torn one has
/// no pointer, and `zcat` reads it all.
struct KeptDigest: Sendable {
  let day: Day
  let record: DigestRecord
  let spill: SpillFile
  let byteCount: Int

  private static let pointerMagic: UInt64 = 0x5250_5f4d_4843_0001
  private static let pointerPayloadBytes = 16
  private static let pointerBytes = GzipMember.storedBytes(pointerPayloadBytes)
  /// Some KiB a log; far above any day's.
  private static let mostRecordBytes = 64 << 20

  static func name(of day: Day) -> String { "day-\(day).digest.gz" }

  /// The day a file of a state folder is the digest of; nil for other files.
  static func day(ofName name: String) -> Day? {
    guard name.hasPrefix("day-"), name.hasSuffix(".digest.gz") else { return nil }
    return Day(yyyymmdd: name.dropFirst(4).dropLast(10))
  }

  /// Writes record and pointer behind the segments, which end at `end`.
  static func finish(_ file: File, end: Int, _ record: DigestRecord) throws(JobError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(record) else {
      preconditionFailure("a record of numbers and strings encodes")
    }
    try JobError.writing { () throws(SystemError) in
      try write([UInt8](json), to: file, at: end)
      let pointer = [pointerMagic, UInt64(end)].flatMap { value in
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
      }
      try write(pointer, to: file, at: end + GzipMember.storedBytes(json.count))
    }
  }

  private static func write(_ payload: [UInt8], to file: File, at offset: Int)
    throws(SystemError)
  {
    let member = payload.withUnsafeBytes(GzipMember.stored)
    try member.withUnsafeBufferPointer { member throws(SystemError) in
      try file.write(UnsafeRawBufferPointer(member), at: offset)
    }
  }

  /// Opens a digest; nil when the file is not a whole one of that day, or its record cannot be read.
  ///
  /// Reads the record only: the segments' CRCs are checked as they are read.
  init?(_ file: File, day: Day, deflate: Deflate) throws(SystemError) {
    let size = try file.status().byteCount
    guard
      let pointer = try Self.read(
        file, from: size - Self.pointerBytes, to: size, mostBytes: Self.pointerPayloadBytes, deflate
      ),
      pointer.count == Self.pointerPayloadBytes
    else { return nil }
    let (magic, end) = pointer.withUnsafeBytes {
      (
        UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    guard magic == Self.pointerMagic, end <= UInt64(size),
      let json = try Self.read(
        file, from: Int(end), to: size - Self.pointerBytes, mostBytes: Self.mostRecordBytes,
        deflate),
      let record = try? JSONDecoder().decode(DigestRecord.self, from: Data(json)),
      record.day == day
    else { return nil }
    self.day = day
    self.record = record
    spill = SpillFile(file: file, end: Int(end))
    byteCount = size
  }

  private static func read(
    _ file: File, from start: Int, to end: Int, mostBytes: Int, _ deflate: Deflate
  ) throws(SystemError) -> [UInt8]? {
    let count = end - start
    guard start >= 0, count > 0, count <= GzipMember.storedBytes(mostBytes) else { return nil }
    let member = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 8)
    defer { member.deallocate() }
    let encoded = UnsafeMutableRawBufferPointer(rebasing: member[..<count])
    let payload = UnsafeMutableRawBufferPointer(rebasing: member[count...])
    guard try file.read(into: encoded, at: start) == count,
      let length = GzipMember.read(UnsafeRawBufferPointer(encoded), into: payload, deflate: deflate)
    else { return nil }
    return [UInt8](payload[..<length])
  }
}
