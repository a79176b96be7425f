internal import ChartmillSystem

/// Merges the sorted runs of one partition into one sorted sequence, handed out in slices.
///
/// A k-way merge by slices: of each run one decoded block is in memory. Of all records in memory
/// those up to the smallest last key of the blocks are complete, because no run can still bring a
/// smaller one (the forecasting of Knuth, TAOCP 5.4.6, used to find not the next block to read but
/// the records that can leave). They are moved to the slice; a block that is used up is replaced
/// by its run's next; and when the slice is full it is radix-sorted and handed out. A slice fits
/// the second-level cache, so this costs a sort there, and no comparisons a record, for ten runs
/// or for hundreds.
///
/// More runs than cursors fit are first merged, group by group, into longer runs in a spill file.
///
/// Time: linear in records, about 15 ns each, times the passes. Memory: `memory`, whatever the
/// runs: 32 KiB a run that is merged at once (96 KiB with wide keys), and 512 KiB for the slice.
@safe struct SortedRunMerger<Key: RecordKey> {
  let layout: KeyLayout
  private let memory: UnsafeMutablePointer<Key>
  /// Keys that fit `memory`.
  private let room: Int
  private let sorter: RadixSort<Key>

  /// A slice and its scratch are each half of a usual second-level cache.
  private static var sliceRecords: Int { (256 << 10) / MemoryLayout<Key>.stride }

  init(
    layout: KeyLayout, memory: UnsafeMutableRawBufferPointer,
    radixCounts: UnsafeMutablePointer<UInt32>
  ) {
    self.layout = layout
    // Mergers of different key types use the same memory one after another: each binds it again.
    unsafe self.memory =
      unsafe memory.bindMemory(to: Key.self).baseAddress ?? .allocate(capacity: 0)
    room = min(memory.count / MemoryLayout<Key>.stride, Int(UInt32.max))
    sorter = unsafe RadixSort(layout: layout, counts: radixCounts)
  }

  /// The least memory to merge in: four blocks, a slice and its scratch.
  static var leastBytes: Int {
    (4 * SpillFormat.blockRecords + 2 * sliceRecords) * MemoryLayout<Key>.stride
  }

  /// Runs that are merged at once in so much memory.
  static func fanIn(byteCount: Int) -> Int {
    let records = byteCount / MemoryLayout<Key>.stride - 2 * sliceRecords
    return max(2, records / SpillFormat.blockRecords)
  }

  /// Whether so many records can be sorted at once.
  func fits(_ records: Int) -> Bool { records <= room / 2 }

  /// Calls `body` with sorted slices, in order, that are all records of `runs`. Records with equal
  /// (major, minor) may be split over slices.
  ///
  /// - Parameter spill: where runs of runs go when there are more than fit at once; called then only.
  func forEachSlice(
    of runs: [SortedRun], reader: inout SortedRunReader, spill: () throws -> MergeSpill,
    _ body: (UnsafeBufferPointer<Key>) throws -> Void
  ) throws {
    var runs = runs
    let fanIn = Self.fanIn(byteCount: room * MemoryLayout<Key>.stride)
    if runs.count > fanIn {
      let spill = try spill()
      while runs.count > fanIn {
        // Merge the oldest; the result goes to the end, so that all take part equally often.
        let group = Array(runs.prefix(fanIn))
        runs.removeFirst(fanIn)
        runs.append(try merge(group, into: spill, &reader))
      }
    }
    try unsafe mergeSlices(runs, &reader, body)
  }

  /// All records of `runs`, sorted.
  ///
  /// - Precondition: they fit.
  func sortAtOnce(
    _ runs: [SortedRun], reader: inout SortedRunReader
  ) throws -> UnsafeBufferPointer<Key> {
    let records = runs.reduce(0) { $0 + $1.records }
    var count = 0
    for run in runs {
      var run = run
      while !run.isAtEnd {
        // `records` came from the directory; a block may not go beyond it.
        guard count + min(SpillFormat.blockRecords, records - count) <= room else { break }
        let added = try unsafe reader.readBlock(of: &run, into: memory + count, layout)
        count += added
        guard count <= records else {
          throw SpillError.corrupt(path: run.file.path, offset: run.offset)
        }
      }
    }
    guard count == records else {
      throw SpillError.corrupt(path: runs.first?.file.path ?? "", offset: runs.first?.offset ?? 0)
    }
    return unsafe sorted(memory, count, memory + room / 2)
  }

  /// A run and its block in memory.
  @safe private struct Cursor {
    var run: SortedRun
    let block: UnsafeMutablePointer<Key>
    var next = 0
    var count = 0

    var isUsedUp: Bool { next == count }
    var first: Key { unsafe block[next] }
    var last: Key { unsafe block[count - 1] }
    /// The error for records out of order: another program wrote them, or a fault of ours.
    var disorder: SpillError { .corrupt(path: run.file.path, offset: run.offset) }

    /// How many records from `next` on do not come after `bound`.
    func countUpTo(_ bound: Key, _ layout: KeyLayout) -> Int {
      var low = next
      var high = count
      while low < high {
        let middle = (low + high) / 2
        if unsafe bound.precedes(block[middle], layout) { high = middle } else { low = middle + 1 }
      }
      return low - next
    }
  }

  private func mergeSlices(
    _ runs: [SortedRun], _ reader: inout SortedRunReader,
    _ body: (UnsafeBufferPointer<Key>) throws -> Void
  ) throws {
    var cursors: [Cursor] = []
    for (index, run) in runs.enumerated() {
      var cursor = unsafe Cursor(run: run, block: memory + index * SpillFormat.blockRecords)
      cursor.count = try unsafe reader.readBlock(of: &cursor.run, into: cursor.block, layout)
      cursors.append(cursor)
    }
    let slice = unsafe memory + runs.count * SpillFormat.blockRecords
    let capacity = Self.sliceRecords
    let scratch = unsafe slice + capacity
    var filled = 0

    while !cursors.isEmpty {
      var bound = cursors[0].last
      for cursor in cursors where cursor.last.precedes(bound, layout) { bound = cursor.last }
      var total = countUpTo(bound, cursors)
      if total > capacity - filled, filled > 0 {
        try unsafe body(sorted(slice, filled, scratch))
        filled = 0
      }
      // More than a whole slice: come down to a smaller bound, in the end to the smallest record.
      while total > capacity, let lower = lowerBound(bound, cursors) {
        bound = lower
        total = countUpTo(bound, cursors)
      }
      // Still more only if all of them are equal to the smallest: then any part of them may go.
      var moved = 0
      for index in cursors.indices {
        let count = min(cursors[index].countUpTo(bound, layout), capacity - filled)
        unsafe (slice + filled).update(
          from: cursors[index].block + cursors[index].next, count: count)
        filled += count
        cursors[index].next += count
        moved += count
        if cursors[index].isUsedUp, !cursors[index].run.isAtEnd {
          let last = cursors[index].last
          cursors[index].next = 0
          cursors[index].count = try unsafe reader.readBlock(
            of: &cursors[index].run, into: cursors[index].block, layout)
          // Within a block the deltas keep the order; from block to block nothing else does.
          if cursors[index].first.precedes(last, layout) { throw cursors[index].disorder }
        }
      }
      // Sorted blocks always give a record. Going on without one would never end.
      if moved == 0 { throw cursors[0].disorder }
      cursors.removeAll { $0.isUsedUp }
    }
    try unsafe body(sorted(slice, filled, scratch))
  }

  private func sorted(
    _ slice: UnsafeMutablePointer<Key>, _ count: Int, _ scratch: UnsafeMutablePointer<Key>
  ) -> UnsafeBufferPointer<Key> {
    unsafe sorter.sort(slice, count: count, scratch: scratch)
    return unsafe UnsafeBufferPointer(start: slice, count: count)
  }

  private func countUpTo(_ bound: Key, _ cursors: [Cursor]) -> Int {
    cursors.reduce(0) { $0 + $1.countUpTo(bound, layout) }
  }

  /// A bound before `bound`: the middle record of the block that has most up to it, or the smallest
  /// record of all; nil when `bound` is that already.
  private func lowerBound(_ bound: Key, _ cursors: [Cursor]) -> Key? {
    var smallest = cursors[0].first
    var middle = smallest
    var most = 0
    for cursor in cursors {
      if cursor.first.precedes(smallest, layout) { smallest = cursor.first }
      let count = cursor.countUpTo(bound, layout)
      if count > most {
        most = count
        middle = unsafe cursor.block[cursor.next + (count - 1) / 2]
      }
    }
    if middle.precedes(bound, layout) { return middle }
    return smallest.precedes(bound, layout) ? smallest : nil
  }

  private func merge(_ runs: [SortedRun], into spill: MergeSpill, _ reader: inout SortedRunReader)
    throws -> SortedRun
  {
    var writer = spill.writer
    defer { spill.writer = writer }
    let (runClass, partition) = (runs[0].runClass, runs[0].partition)
    writer.beginRun(runClass, partition)
    try unsafe mergeSlices(runs, &reader) { keys in try unsafe fold(keys, into: &writer) }
    let extent = try writer.endRun()
    try writer.flush()
    return SortedRun(
      extent, runClass, partition, in: SpillFile(file: spill.file, end: Int.max), segmentStart: 0)
  }
}

extension SortedRunMerger {
  /// Appends a sorted slice to the run that is being written, equal records as one.
  func fold(
    _ keys: UnsafeBufferPointer<Key>, into writer: inout SortedRunWriter
  ) throws {
    var index = 0
    while index < keys.count {
      let key = unsafe keys[index]
      var streams: UInt64 = 0
      repeat {
        unsafe streams &+= keys[index].count(layout)
        index &+= 1
      } while unsafe index < keys.count && keys[index].hasSameSong(as: key, layout)
        && keys[index].tag(layout) == key.tag(layout)
      while streams > 0 {
        let part = min(streams, SpillFormat.mostCount)
        try writer.append(
          major: key.major(layout), minor: key.minor(layout), tag: key.tag(layout), count: part)
        streams &-= part
      }
    }
  }
}

/// Where runs of runs are written: one file a worker, used again for every partition.
final class MergeSpill {
  let file: File
  var writer: SortedRunWriter

  init(_ memory: SortedRunWriter.Memory, deflate: Deflate, folder: String) throws {
    file = try File.createAnonymous(in: folder)
    writer = SortedRunWriter(memory, deflate: deflate, file: file)
  }
}
