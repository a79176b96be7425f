/// The position of a sorted run in its segment, its number of records and the width of their ids.
package struct SortedRunExtent: BitwiseCopyable, Sendable, Equatable {
  /// The byte offset from the start of the segment.
  var offset: UInt64 = 0
  var byteCount: UInt64 = 0
  package var records: UInt64 = 0
  /// The bitwise OR of all groups.
  package var groupUnion: UInt64 = 0
  /// The bitwise OR of all items.
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

/// A sorted run in a spill file, or the part of it that is still to be read.
package struct SortedRun: Sendable {
  package let file: SpillFile
  package let runClass: SortedRunClass
  package let partition: Int
  /// The byte offset of the next block in the file.
  package var offset: Int
  /// The byte offset at which the run ends.
  package let end: Int
  /// The number of records of the complete run.
  package let records: Int
  package let groupUnion: UInt64
  package let itemUnion: UInt64

  package init(
    _ extent: SortedRunExtent, _ runClass: SortedRunClass, _ partition: Int, in file: SpillFile,
    segmentStart: Int
  ) {
    self.file = file
    self.runClass = runClass
    self.partition = partition
    offset = segmentStart + Int(extent.offset)
    end = offset + Int(extent.byteCount)
    records = Int(clamping: extent.records)
    groupUnion = extent.groupUnion
    itemUnion = extent.itemUnion
  }

  var isAtEnd: Bool { offset >= end }
}
