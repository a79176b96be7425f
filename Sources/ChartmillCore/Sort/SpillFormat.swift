package import ChartmillSystem

/// The layout of a spill file: what the rollup writes and the chart reads.
///
/// A file is a concatenation of segments, one for each time a worker's row buffer was full; two
/// files concatenated are a file. Every byte lies in a gzip member (`GzipMember`), so `gzip -t`
/// checks and `zcat` reads any of it, and every member's CRC guards its payload.
///
///     segment   := directory  run(class, partition)*    class by class, partition by partition
///     directory := a stored member: where each run is, how many records, how wide their ids
///     run       := block*            the records of one partition, sorted by (group, item)
///     block     := shapes  ids       at most `blockRecords` records, decoded on their own
///
/// A block's first member is deflated: a header, then one byte per record that gives the lengths and
/// deltas (its *shape*), then the attributes and counts that differ from the usual ones. The second member
/// is stored, because ids are noise to a compressor: the items, one to eight bytes each, then the
/// gaps, which are the deltas of the groups that do not fit a shape. All gaps of a block have the
/// same number of bytes. So a decoder finds each field by adding, without a branch that depends on it.
package enum SpillFormat {
  package static let version: UInt8 = 2
  /// Records of a block at most. A merge holds one decoded block of each run, so this times the
  /// fan-in is its memory; below some hundreds the Huffman tables would outweigh the records.
  static let blockRecords = 4096
  /// A record's count at most; more streams take several records. Four bits of the packed key.
  static let maxCount: UInt64 = 15

  // The header of a block's first member, little-endian.
  static let headerBytes = 32
  static let recordsOffset = 0
  static let extrasBytesOffset = 4
  static let itemBytesOffset = 8
  static let partitionOffset = 12
  static let classOffset = 14
  static let versionOffset = 15
  static let firstGroupOffset = 16
  static let gapBytesOffset = 24

  // A shape byte.
  static let itemLengthMask: UInt8 = 0b111
  static let hasAttribute: UInt8 = 1 << 3
  static let hasCount: UInt8 = 1 << 4
  static let groupDeltaShift: UInt8 = 5
  /// In the three delta bits: the delta, 7 or more, is the next gap.
  static let groupDeltaEscape: UInt64 = 7

  /// Bytes among the extras a record takes at most: attribute, count.
  static let maxExtrasBytes = 1 + 1
  static let maxShapePayload = headerBytes + blockRecords * (1 + maxExtrasBytes)
  /// A item and a gap for each record.
  static let maxIDBytes = blockRecords * (8 + 8)
  /// The most bytes of an encoded block.
  static let maxBlockBytes = GzipMember.bound(maxShapePayload) + GzipMember.bound(maxIDBytes)
}

/// Where one run lies in its segment, and how wide its ids are.
package struct SortedRunExtent: BitwiseCopyable, Sendable, Equatable {
  /// From the segment's start, in bytes.
  var offset: UInt64 = 0
  var byteCount: UInt64 = 0
  package var records: UInt64 = 0
  /// The bitwise or of all groups, and of all items.
  package var groupUnion: UInt64 = 0
  package var itemUnion: UInt64 = 0

  package init(
    offset: UInt64 = 0, byteCount: UInt64 = 0, records: UInt64 = 0, groupUnion: UInt64 = 0,
    itemUnion: UInt64 = 0
  ) {
    self.offset = offset
    self.byteCount = byteCount
    self.records = records
    self.groupUnion = groupUnion
    self.itemUnion = itemUnion
  }
}

/// The first member of a segment, in memory that somebody else owns: with 1024 partitions it has
/// 160 KiB.
@safe package struct SegmentDirectory {
  private static let magic: UInt64 = 0x4745_535f_4d43_0000 | UInt64(SpillFormat.version)

  // The payload, in bytes: four words, then one `SortedRunExtent` for each class and partition.
  private static let bitsOffset = 8
  private static let segmentBytesOffset = 16
  private static let streamsOffset = 24
  private static let fixedBytes = 32

  let partitionBits: Int
  private let payload: UnsafeMutableRawBufferPointer
  private let member: UnsafeMutableRawBufferPointer

  static func payloadBytes(partitionBits: Int) -> Int {
    fixedBytes + (SortedRunClass.all.count << partitionBits) * MemoryLayout<SortedRunExtent>.stride
  }

  static func memberBytes(partitionBits: Int) -> Int {
    GzipMember.storedBytes(payloadBytes(partitionBits: partitionBits))
  }

  /// The memory that a directory needs: its payload, and the member it is stored in.
  package static func workBytes(partitionBits: Int) -> Int {
    (payloadBytes(partitionBits: partitionBits) + 63) & ~63
      + memberBytes(partitionBits: partitionBits)
  }

  private init(uninitializedIn memory: UnsafeMutableRawBufferPointer, partitionBits: Int) {
    self.partitionBits = partitionBits
    let payloadBytes = Self.payloadBytes(partitionBits: partitionBits)
    unsafe payload = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<payloadBytes])
    let memberStart = (payloadBytes + 63) & ~63
    unsafe member = unsafe UnsafeMutableRawBufferPointer(
      rebasing: memory[memberStart..<(memberStart + Self.memberBytes(partitionBits: partitionBits))]
    )
  }

  /// A directory of no runs.
  ///
  /// - Precondition: `memory` has `workBytes`, and is not used for anything else meanwhile.
  init(emptyIn memory: UnsafeMutableRawBufferPointer, partitionBits: Int) {
    unsafe self.init(uninitializedIn: memory, partitionBits: partitionBits)
    unsafe payload.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe payload.storeBytes(of: Self.magic, as: UInt64.self)
    unsafe payload.storeBytes(
      of: UInt64(partitionBits), toByteOffset: Self.bitsOffset, as: UInt64.self)
  }

  /// The whole segment in bytes, this member included.
  var segmentBytes: Int {
    get { unsafe Int(payload.load(fromByteOffset: Self.segmentBytesOffset, as: UInt64.self)) }
    nonmutating set {
      unsafe payload.storeBytes(
        of: UInt64(newValue), toByteOffset: Self.segmentBytesOffset, as: UInt64.self)
    }
  }

  /// Rows of the log that the segment's user runs count, and its country runs as well.
  var streams: UInt64 {
    get { unsafe payload.load(fromByteOffset: Self.streamsOffset, as: UInt64.self) }
    nonmutating set {
      unsafe payload.storeBytes(of: newValue, toByteOffset: Self.streamsOffset, as: UInt64.self)
    }
  }

  private func offset(_ runClass: SortedRunClass, _ partition: Int) -> Int {
    Self.fixedBytes
      + (runClass.index << partitionBits + partition) * MemoryLayout<SortedRunExtent>.stride
  }

  package subscript(runClass: SortedRunClass, partition: Int) -> SortedRunExtent {
    get {
      unsafe payload.load(fromByteOffset: offset(runClass, partition), as: SortedRunExtent.self)
    }
    nonmutating set {
      unsafe payload.storeBytes(
        of: newValue, toByteOffset: offset(runClass, partition), as: SortedRunExtent.self)
    }
  }

  /// The member, `memberBytes` long, in this directory's memory.
  func encoded() -> UnsafeRawBufferPointer {
    let count = unsafe GzipMember.writeStored(UnsafeRawBufferPointer(payload), into: member)
    return unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(member)[..<count])
  }

  /// Reads the directory of the segment that begins at `start`; nil when there is none for
  /// `partitionBits`, or it does not add up.
  ///
  /// - Precondition: `memory` has `workBytes`, and is not used for anything else meanwhile.
  private init?(
    of spill: SpillFile, at start: Int, memory: UnsafeMutableRawBufferPointer, partitionBits: Int,
    _ deflate: Deflate
  ) throws(SystemError) {
    unsafe self.init(uninitializedIn: memory, partitionBits: partitionBits)
    guard try unsafe spill.read(into: member, at: start) == member.count,
      unsafe GzipMember.read(UnsafeRawBufferPointer(member), into: payload, deflate: deflate)
        == payload.count,
      unsafe payload.load(as: UInt64.self) == Self.magic,
      unsafe payload.load(fromByteOffset: Self.bitsOffset, as: UInt64.self) == UInt64(partitionBits)
    else { return nil }
    var end = unsafe UInt64(member.count)
    for runClass in SortedRunClass.all {
      for partition in 0..<(1 << partitionBits) {
        let run = self[runClass, partition]
        // So that the sum of the most runs there can be does not overflow.
        guard run.offset == end, run.byteCount <= 1 << 48 else { return nil }
        end += run.byteCount
      }
    }
    guard unsafe end == payload.load(fromByteOffset: Self.segmentBytesOffset, as: UInt64.self),
      end <= UInt64(spill.end - start)
    else { return nil }
  }

  /// Calls `body` with the directory of each segment of a file, and where the segment begins.
  ///
  /// Time: that of reading and checking `memberBytes` for each segment. Throws `SpillError.corrupt`,
  /// `SystemError`, and what `body` throws.
  package static func forEach(
    in spill: SpillFile, partitionBits: Int, memory: UnsafeMutableRawBufferPointer,
    _ deflate: Deflate, _ body: (SegmentDirectory, Int) throws -> Void
  ) throws {
    var start = 0
    while start < spill.end {
      let directory = try unsafe SegmentDirectory(
        of: spill, at: start, memory: memory, partitionBits: partitionBits, deflate)
      guard let directory else { throw SpillError.corrupt(path: spill.path, offset: start) }
      try body(directory, start)
      start += directory.segmentBytes
    }
  }
}
