internal import ChartmillSystem

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
