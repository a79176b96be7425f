package import ChartmillSystem

/// Merges the many segments of a day into one. Then charting a long window reads one sorted run per
/// day and partition, whatever memory each day was rolled up with.
package enum SegmentCompactor {
  /// The maximum number of segments of a day that are left as they are. Merging a few more sorted
  /// runs costs less than rewriting the day.
  package static let maxSegments = 8

  /// The memory for compacting a day.
  @safe package struct Memory {
    let reader: SortedRunReader.Memory
    let writer: SortedRunWriter.Memory
    let directory: UnsafeMutableRawBufferPointer
    let merge: MergeMemory.Memory

    package init(in arena: Arena, partitionBits: Int) {
      reader = SortedRunReader.Memory(in: arena)
      writer = SortedRunWriter.Memory(in: arena)
      unsafe directory = unsafe arena.allocate(
        SegmentDirectory.workBytes(partitionBits: partitionBits))
      merge = MergeMemory.Memory(in: arena, MergeMemory.FixedMemory(in: arena))
    }
  }

  /// Merges the segments of `spills` into one, in a new spill file.
  ///
  /// Time: about 40 ns per record, on one core, to decode, merge and encode it. Memory: the arena.
  /// Throws `SpillError.corrupt`, `SystemError` and `Interrupted`.
  ///
  /// - Parameter streams: the streams that the spill files count.
  package static func compact(
    _ spills: [SpillFile], streams: Int, scheme: PartitionScheme, arena: Arena, spillFolder: String
  ) throws -> SpillFile {
    let index = try SortedRunIndex(
      of: spills, partitionBits: scheme.bits, arena: arena, spillFolder: spillFolder)
    arena.reset()
    let memory = Memory(in: arena, partitionBits: scheme.bits)
    let deflate = Deflate()
    let file = try File.createAnonymous(in: spillFolder)

    var reader = SortedRunReader(memory.reader, deflate: deflate)
    var writer = SortedRunWriter(memory.writer, deflate: deflate, file: file)
    var merge = MergeMemory(memory.merge, deflate: deflate, spillFolder: spillFolder)
    let directory = unsafe SegmentDirectory(emptyIn: memory.directory, partitionBits: scheme.bits)
    writer.seek(to: SegmentDirectory.memberBytes(partitionBits: scheme.bits), of: file)
    for runClass in SortedRunClass.all {
      for partition in 0..<scheme.count {
        let runs = try index.runs(runClass, partition)
        writer.beginRun(runClass, partition)
        let layout = KeyLayout(covering: runs, of: runClass.kind)
        if layout.isPackable {
          try append(runs, merge.merger(PackedKey.self, layout), to: &writer, &merge, &reader)
        } else {
          let wideLayout = KeyLayout(covering: runs, of: runClass.kind, isWide: true)
          try append(runs, merge.merger(WideKey.self, wideLayout), to: &writer, &merge, &reader)
        }
        directory[runClass, partition] = try writer.endRun()
      }
    }
    let end = try writer.flush()
    directory.streams = UInt64(streams)
    directory.segmentBytes = end
    try unsafe file.write(directory.encoded(), at: 0)
    return SpillFile(file: file, end: end)
  }

  private static func append<Key: RecordKey>(
    _ runs: [SortedRun], _ merger: SortedRunMerger<Key>, to writer: inout SortedRunWriter,
    _ merge: inout MergeMemory, _ reader: inout SortedRunReader
  ) throws {
    if runs.isEmpty { return }
    try merger.forEachSlice(
      of: runs, reader: &reader, spill: { try merge.spill() },
      { slice in try slice.fold(into: &writer) })
  }
}
