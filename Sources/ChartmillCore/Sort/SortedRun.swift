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

/// One sorted run in a spill file, or what is left of it.
package struct SortedRun: Sendable {
  package let file: SpillFile
  package let runClass: SortedRunClass
  package let partition: Int
  /// Of the next block.
  package var offset: Int
  package let end: Int
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
