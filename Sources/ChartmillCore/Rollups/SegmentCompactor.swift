package import ChartmillSystem

/// Merges the many segments of a day into one. Then charting a long window reads one sorted run per
/// day and partition, whatever memory each day was rolled up with.
///
/// Each worker merges a range of partitions into a file of its own. The files are then copied
/// together, because a segment holds its sorted runs class by class.
package enum SegmentCompactor {
  /// The maximum number of segments of a day that are left as they are. Merging a few more sorted
  /// runs costs less than rewriting the day.
  package static let maxSegments = 8

  /// The memory of a worker that compacts a day.
  @safe package struct Memory {
    let reader: SortedRunReader.Memory
    let writer: SortedRunWriter.Memory
    let merge: MergeMemory.Memory

    package init(in arena: Arena) {
      reader = SortedRunReader.Memory(in: arena)
      writer = SortedRunWriter.Memory(in: arena)
      merge = MergeMemory.Memory(in: arena, MergeMemory.FixedMemory(in: arena))
    }
  }

  /// Merges the segments of `spills` into one, in a new spill file.
  ///
  /// Time: about 40 ns per record, divided by the workers, to decode, merge and encode it. Memory:
  /// the arenas, one per worker, and 40 bytes for each class and partition. Throws
  /// `SpillError.corrupt`, `SystemError` and `Interrupted`.
  ///
  /// - Parameter streams: the streams that the spill files count.
  package static func compact(
    _ spills: [SpillFile], streams: Int, scheme: PartitionScheme, arenas: [Arena],
    spillFolder: String, whileWaiting: () -> Void
  ) throws -> SpillFile {
    let index = try SortedRunIndex(
      of: spills, partitionBits: scheme.bits, arena: arenas[0], spillFolder: spillFolder)
    let parts = Locked<[Int: Part]>([:])
    let failure = FirstFailure()
    try Workers.run(arenas.count, whileWaiting: whileWaiting) { worker in
      let (first, end) = (
        worker * scheme.count / arenas.count, (worker + 1) * scheme.count / arenas.count
      )
      failure.capture {
        let part = try Part(
          merging: index, first..<end, scheme, arenas[worker], spillFolder: spillFolder,
          stopIf: { failure.hasFailed })
        parts.withLock { $0[worker] = part }
      }
    }
    try failure.throwIfFailed()
    let inOrder = parts.withLock { parts in arenas.indices.compactMap { parts[$0] } }
    return try join(inOrder, streams: streams, scheme, arenas[0], spillFolder: spillFolder)
  }

  /// The merged sorted runs of a range of partitions.
  private struct Part: Sendable {
    /// The runs, class by class, partition by partition.
    let file: SpillFile
    /// The positions of the runs, by class and then by partition.
    private(set) var extents: [[SortedRunExtent]] = []

    init(
      merging index: SortedRunIndex, _ partitions: Range<Int>, _ scheme: PartitionScheme,
      _ arena: Arena, spillFolder: String, stopIf isStopped: () -> Bool
    ) throws {
      arena.reset()
      let memory = Memory(in: arena)
      let deflate = Deflate()
      let file = try File.createAnonymous(in: spillFolder)
      var reader = SortedRunReader(memory.reader, deflate: deflate)
      var writer = SortedRunWriter(memory.writer, deflate: deflate, file: file)
      var merge = MergeMemory(memory.merge, deflate: deflate, spillFolder: spillFolder)
      for runClass in SortedRunClass.all {
        var extentsOfClass: [SortedRunExtent] = []
        for partition in partitions where !isStopped() {
          let runs = try index.runs(runClass, partition)
          writer.beginRun(runClass, partition)
          let layout = KeyLayout(covering: runs, of: runClass.kind)
          if layout.isPackable {
            try append(runs, merge.merger(PackedKey.self, layout), to: &writer, &merge, &reader)
          } else {
            let wideLayout = KeyLayout(covering: runs, of: runClass.kind, isWide: true)
            try append(runs, merge.merger(WideKey.self, wideLayout), to: &writer, &merge, &reader)
          }
          extentsOfClass.append(try writer.endRun())
          // Nobody reads these runs again, so they need no space on the disk beside the new ones.
          for run in runs { run.file.release(run.offset..<run.end) }
        }
        extents.append(extentsOfClass)
      }
      self.file = SpillFile(file: file, end: try writer.flush())
    }
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

  /// Makes a segment of parts whose ranges of partitions follow each other.
  private static func join(
    _ parts: [Part], streams: Int, _ scheme: PartitionScheme, _ arena: Arena, spillFolder: String
  ) throws -> SpillFile {
    arena.reset()
    let directory = unsafe SegmentDirectory(
      emptyIn: arena.allocate(SegmentDirectory.workBytes(partitionBits: scheme.bits)),
      partitionBits: scheme.bits)
    let file = try File.createAnonymous(in: spillFolder)
    var end = SegmentDirectory.memberBytes(partitionBits: scheme.bits)
    for (index, runClass) in SortedRunClass.all.enumerated() {
      var partition = 0
      for part in parts {
        let extents = part.extents[index]
        guard let first = extents.first, let last = extents.last else { continue }
        let bytes = Int(first.offset)..<Int(last.offset + last.byteCount)
        try part.file.copy(bytes, into: file, at: end)
        part.file.release(bytes)
        for extent in extents {
          var moved = extent
          moved.offset = UInt64(end) + extent.offset - first.offset
          directory[runClass, partition] = moved
          partition += 1
        }
        end += bytes.count
      }
    }
    directory.streams = UInt64(streams)
    directory.segmentBytes = end
    try unsafe file.write(directory.encoded(), at: 0)
    return SpillFile(file: file, end: end)
  }
}
