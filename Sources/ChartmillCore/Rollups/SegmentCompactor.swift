package import ChartmillSystem

/// Merges the many segments of a day into one, so that a long window opens one run a day and
/// partition, whatever memory each day was digested with.
package enum SegmentCompactor {
  /// Up to so many segments a day are left as they are: two workers of a usual budget make them,
  /// and merging a few runs more costs less than rewriting the day.
  package static let mostSegments = 8

  /// Time: that of decoding, merging and encoding every record once, about 40 ns each, on one core.
  /// Memory: the slab.
  ///
  /// - Parameter streams: the rows that the spills count.
  package static func compact(
    _ spills: [SpillFile], streams: Int, scheme: PartitionScheme, slab: Slab, spillFolder: String
  ) throws -> SpillFile {
    let index = try RunIndex(
      of: spills, partitionBits: scheme.bits, slab: slab, spillFolder: spillFolder)
    slab.reset()
    let deflate = Deflate()
    let file = try File.createAnonymous(in: spillFolder)

    var reader = RunReader(slab: slab, deflate: deflate)
    var writer = RunWriter(slab: slab, deflate: deflate, file: file)
    let directoryMemory = slab.carve(SegmentDirectory.workBytes(partitionBits: scheme.bits))
    var merge = MergeMemory(slab: slab, deflate: deflate, spillFolder: spillFolder)
    let directory = SegmentDirectory(emptyIn: directoryMemory, partitionBits: scheme.bits)
    writer.seek(to: SegmentDirectory.memberBytes(partitionBits: scheme.bits), of: file)
    for runClass in RunClass.all {
      for partition in 0..<scheme.count {
        let runs = try index.runs(runClass, partition)
        writer.beginRun(runClass, partition)
        let layout = KeyLayout(covering: runs, tagBits: runClass.kind == .user ? 8 : 0)
        if layout.isPackable {
          try append(runs, merge.merger(UInt64.self, layout), to: &writer, &merge, &reader)
        } else {
          try append(runs, merge.merger(WideKey.self, layout), to: &writer, &merge, &reader)
        }
        directory[runClass, partition] = try writer.endRun()

      }
    }
    let end = try writer.flush()
    directory.streams = UInt64(streams)
    directory.segmentBytes = end
    try file.write(directory.encoded(), at: 0)
    return SpillFile(file: file, end: end)
  }

  private static func append<Key: RecordKey>(
    _ runs: [Run], _ merger: RunMerger<Key>, to writer: inout RunWriter,
    _ merge: inout MergeMemory, _ reader: inout RunReader
  ) throws {
    if runs.isEmpty { return }
    try merger.forEachSlice(
      of: runs, reader: &reader, spill: { try merge.spill() },
      { keys throws in try merger.fold(keys, into: &writer) })
  }
}
