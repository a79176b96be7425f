/// The layout of a spill file: what the digest writes and the chart reads.
///
/// A file is a concatenation of segments, one for each time a worker's row buffer was full; two
/// files concatenated are a file. Every byte lies in a gzip member (`GzipMember`), so `gzip -t`
/// checks and `zcat` reads any of it, and every member's CRC guards its payload.
///
///     segment   := directory  run(class, partition)*    class by class, partition by partition
///     directory := a stored member: where each run is, how many records, how wide their ids
///     run       := block*            the records of one partition, sorted by (major, minor)
///     block     := shapes  minors    at most `blockRecords` records, decoded on their own
///
/// A block's first member is deflated: a header, then a byte a record that gives the lengths and
/// deltas (its *shape*), then the tags and counts that differ from the usual ones. The second
/// holds the minors, one to eight bytes each, and is stored: song ids are noise to a compressor.
enum SpillFormat {
  static let version: UInt8 = 1
  /// Records of a block at most. A merge holds one decoded block of each run, so this times the
  /// fan-in is its memory; below some hundreds the Huffman tables would outweigh the records.
  static let blockRecords = 4096
  /// A record's count at most; more streams take several records. Four bits of the packed key.
  static let mostCount: UInt64 = 15

  // The header of a block's first member, little-endian.
  static let headerBytes = 32
  static let recordsOffset = 0
  static let extrasBytesOffset = 4
  static let minorBytesOffset = 8
  static let partitionOffset = 12
  static let classOffset = 14
  static let versionOffset = 15
  static let firstMajorOffset = 16

  // A shape byte.
  static let minorLengthMask: UInt8 = 0b111
  static let hasTag: UInt8 = 1 << 3
  static let hasCount: UInt8 = 1 << 4
  static let majorDeltaShift: UInt8 = 5
  /// In the three delta bits: the delta, 7 or more, follows as a varint among the extras.
  static let majorDeltaEscape: UInt64 = 7

  /// Bytes among the extras a record takes at most: varint delta, tag, count.
  static let mostExtrasBytes = 10 + 1 + 1
  static let mostShapePayload = headerBytes + blockRecords * (1 + mostExtrasBytes)
  static let mostMinorBytes = blockRecords * 8
  /// The most bytes of an encoded block.
  static let mostBlockBytes = GzipMember.bound(mostShapePayload) + GzipMember.bound(mostMinorBytes)
}

/// Where one run lies in its segment, and how wide its ids are.
struct RunExtent: BitwiseCopyable, Sendable, Equatable {
  /// From the segment's start, in bytes.
  var offset: UInt64 = 0
  var byteCount: UInt64 = 0
  var records: UInt64 = 0
  /// The bitwise or of all majors, and of all minors.
  var majorUnion: UInt64 = 0
  var minorUnion: UInt64 = 0
}

/// The first member of a segment.
struct SegmentDirectory: Sendable, Equatable {
  private static let magic: UInt64 = 0x4745_535f_4d43_0000 | UInt64(SpillFormat.version)
  private static let fixedBytes = 32

  var partitionBits: Int
  /// The whole segment, this member included.
  var segmentBytes = 0
  /// Rows of the log that the segment's user runs count, and its country runs as well.
  var streams: UInt64 = 0
  /// In the order of classes, then of partitions.
  var runs: [RunExtent]

  init(partitionBits: Int) {
    self.partitionBits = partitionBits
    runs = Array(repeating: RunExtent(), count: RunClass.all.count << partitionBits)
  }

  static func payloadBytes(partitionBits: Int) -> Int {
    fixedBytes + (RunClass.all.count << partitionBits) * MemoryLayout<RunExtent>.stride
  }

  static func memberBytes(partitionBits: Int) -> Int {
    GzipMember.storedBytes(payloadBytes(partitionBits: partitionBits))
  }

  /// Memory that `encoded(in:)` works in.
  static func workBytes(partitionBits: Int) -> Int {
    payloadBytes(partitionBits: partitionBits) + memberBytes(partitionBits: partitionBits)
  }

  subscript(runClass: RunClass, partition: Int) -> RunExtent {
    get { runs[runClass.index << partitionBits + partition] }
    set { runs[runClass.index << partitionBits + partition] = newValue }
  }

  /// The member, `memberBytes` long, made inside `memory` of `workBytes`.
  func encoded(in memory: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
    let payloadBytes = Self.payloadBytes(partitionBits: partitionBits)
    let payload = UnsafeMutableRawBufferPointer(rebasing: memory[..<payloadBytes])
    let header: [UInt64] = [
      Self.magic, UInt64(partitionBits), UInt64(segmentBytes), streams,
    ]
    header.withUnsafeBytes { payload.copyMemory(from: $0) }
    runs.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(rebasing: payload[Self.fixedBytes...]).copyMemory(from: $0)
    }
    let member = UnsafeMutableRawBufferPointer(rebasing: memory[payloadBytes...])
    let count = GzipMember.writeStored(UnsafeRawBufferPointer(payload), into: member)
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(member)[..<count])
  }

  /// Nil when the payload is not that of a directory for `partitionBits`, or does not add up.
  init?(payload: UnsafeRawBufferPointer, partitionBits: Int) {
    guard payload.count == Self.payloadBytes(partitionBits: partitionBits),
      payload.loadUnaligned(fromByteOffset: 0, as: UInt64.self) == Self.magic,
      payload.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == UInt64(partitionBits)
    else { return nil }
    self.partitionBits = partitionBits
    let segment = payload.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    streams = payload.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    var end = UInt64(Self.memberBytes(partitionBits: partitionBits))
    runs = []
    runs.reserveCapacity(RunClass.all.count << partitionBits)
    for index in 0..<(RunClass.all.count << partitionBits) {
      let run = payload.loadUnaligned(
        fromByteOffset: Self.fixedBytes + index * MemoryLayout<RunExtent>.stride,
        as: RunExtent.self)
      // So that the sum of the most runs there can be does not overflow.
      guard run.offset == end, run.byteCount <= 1 << 48 else { return nil }
      end += run.byteCount
      runs.append(run)
    }
    guard end == segment else { return nil }
    segmentBytes = Int(segment)
  }
}
