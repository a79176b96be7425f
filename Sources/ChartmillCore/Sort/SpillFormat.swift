internal import ChartmillSystem

/// The layout of a spill file, which a rollup writes and charting reads.
///
/// A spill file is a sequence of segments, one for each time that a worker's memory was full. The
/// concatenation of two spill files is a spill file. Every byte lies in a gzip member
/// (`GzipMember`), so `gzip -t` checks a file, `zcat` reads it, and the CRC of each member guards
/// its payload.
///
///     segment   := directory  run(class, partition)*    class by class, partition by partition
///     directory := a stored member: the position, records and id widths of each run
///     run       := block*            the records of one partition, sorted by (group, item)
///     block     := shapes  ids       at most `blockRecords` records, decoded independently
///
/// The first member of a block is deflated. It holds a header, then a byte per record, its *shape*:
/// the length of the item, the delta of the group, and whether the record has *extras*. The extras
/// follow the shapes: the attribute if it differs from that of the previous record, and the count
/// if it is not 1.
///
/// The second member is stored, because ids do not compress. It holds the items, one to eight bytes
/// each, or their differences while the group is the same. The *gaps* follow the items: they are
/// the group deltas that do not fit a shape, all with the same number of bytes. So a decoder finds
/// each field by addition, without a branch that depends on the record.
package enum SpillFormat {
  package static let version: UInt8 = 2
  /// The maximum number of records of a block. A merge holds one decoded block of each run, so its
  /// memory is this times the fan-in. If blocks had only a few hundred records, their Huffman
  /// tables would be larger than the records.
  static let blockRecords = 4096
  /// The maximum count of a record, which has four bits in a packed key. More streams take several
  /// records.
  static let maxCount: UInt64 = 15

  // The header of a block's first member: the byte offsets of its little-endian fields.
  static let headerBytes = 32
  static let recordsOffset = 0
  static let extrasBytesOffset = 4
  static let itemBytesOffset = 8
  static let partitionOffset = 12
  static let classOffset = 14
  static let versionOffset = 15
  static let firstGroupOffset = 16
  static let gapBytesOffset = 24

  // A shape byte, from its lowest bit: the length of the item less 1, two flags, the group delta.
  static let itemLengthMask: UInt64 = 0b111
  static let hasAttributeShift: UInt64 = 3
  static let hasCountShift: UInt64 = 4
  static let groupDeltaShift: UInt64 = 5
  /// The value of the three delta bits for a delta of 7 or more. The delta itself is then the next
  /// gap.
  static let groupDeltaEscape: UInt64 = 7

  /// The maximum bytes of a record's extras: an attribute and a count.
  static let maxExtrasBytes = 1 + 1
  /// The maximum payload of a block's first member, in bytes.
  static let maxShapePayload = headerBytes + blockRecords * (1 + maxExtrasBytes)
  /// The maximum payload of a block's second member, in bytes: an item and a gap for each record.
  static let maxIDBytes = blockRecords * (8 + 8)
  /// The maximum size of an encoded block, in bytes.
  static let maxBlockBytes = GzipMember.bound(maxShapePayload) + GzipMember.bound(maxIDBytes)
}
