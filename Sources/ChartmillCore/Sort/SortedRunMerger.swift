internal import ChartmillSystem

/// Merges the sorted runs of one partition into one sorted sequence, handed out in slices.
///
/// A k-way merge by slices: of each run one decoded block is in memory. Of all records in memory
/// those up to the smallest last key of the blocks are complete, because no run can still bring a
/// smaller one (the forecasting of Knuth, TAOCP 5.4.6, used to find not the next block to read but
/// the records that can leave). They are moved to the slice; a block that is used up is replaced
/// by its run's next; and when the slice is full it is radix-sorted and handed out. A slice fits
/// the second-level cache, so this costs a sort there, and no comparisons a record, for ten runs
/// or for hundreds. All records of a slice have the same prefix (see `KeyLayout`), so a slice ends
/// where the prefix changes.
///
/// More runs than cursors fit are first merged, some at a time, into longer runs in a spill file.
///
/// Time: linear in records, about 15 ns each, times the passes. Memory: `memory`, whatever the
/// runs: 40 KiB for each run that is merged at once (96 KiB with wide keys), and 512 KiB for the slice.
@safe struct SortedRunMerger<Key: RecordKey> {
  /// Sorted records that have the same prefix.
  @safe struct Slice {
    let keys: UnsafeBufferPointer<Key>
    /// What the prefix adds to each key's group.
    let groupBase: UInt64
    let layout: KeyLayout

    var count: Int { unsafe keys.count }

    @inline(__always)
    subscript(index: Int) -> Key { unsafe keys[index] }

    @inline(__always)
    func group(_ key: Key) -> UInt64 { groupBase | key.group(layout) }
  }

  let layout: KeyLayout
  private let memory: UnsafeMutablePointer<Key>
  /// Keys that fit `memory`.
  private let keyCapacity: Int
  /// Runs that are merged at once.
  private let fanIn: Int
  /// The prefixes of the blocks, behind their keys; nil if keys have none.
  private let prefixes: UnsafeMutablePointer<UInt16>?
  private let sorter: RadixSort<Key>

  /// A slice and its scratch are each half of a usual second-level cache.
  private static var sliceRecords: Int { (256 << 10) / MemoryLayout<Key>.stride }

  init(
    layout: KeyLayout, memory: UnsafeMutableRawBufferPointer,
    radixCounts: UnsafeMutablePointer<UInt32>
  ) {
    self.layout = layout
    // Mergers of different key types use the same memory one after another: each binds it again.
    fanIn = Self.fanIn(byteCount: memory.count)
    let blockKeys = fanIn * SpillFormat.blockRecords
    keyCapacity =
      layout.prefixBits > 0
      ? blockKeys + 2 * Self.sliceRecords
      : min(memory.count / MemoryLayout<Key>.stride, Int(UInt32.max))
    let keyBytes = keyCapacity * MemoryLayout<Key>.stride
    unsafe self.memory =
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<keyBytes])
      .bindMemory(to: Key.self).baseAddress ?? .allocate(capacity: 0)
    unsafe prefixes =
      layout.prefixBits > 0
      ? unsafe UnsafeMutableRawBufferPointer(rebasing: memory[keyBytes...])
        .bindMemory(to: UInt16.self).baseAddress : nil
    sorter = unsafe RadixSort(layout: layout, counts: radixCounts)
  }

  /// A block's keys and prefixes.
  private static var blockBytes: Int {
    SpillFormat.blockRecords * (MemoryLayout<Key>.stride + MemoryLayout<UInt16>.stride)
  }

  /// The minimum memory to merge in: four blocks, a slice and its scratch.
  static var minBytes: Int { 4 * blockBytes + 2 * sliceRecords * MemoryLayout<Key>.stride }

  /// Runs that are merged at once in so much memory.
  static func fanIn(byteCount: Int) -> Int {
    max(2, (byteCount - 2 * sliceRecords * MemoryLayout<Key>.stride) / blockBytes)
  }

  /// Whether so many records can be sorted at once.
  func fits(_ records: Int) -> Bool { records <= keyCapacity / 2 }

  /// Calls `body` with sorted slices, in order, that are all records of `runs`. Records with equal
  /// (group, item) may be split over slices.
  ///
  /// - Parameter spill: where runs of runs go when there are more than fit at once; called then only.
  func forEachSlice(
    of runs: [SortedRun], reader: inout SortedRunReader, spill: () throws -> MergeSpill,
    _ body: (Slice) throws -> Void
  ) throws {
    var runs = runs
    if runs.count > fanIn {
      let spill = try spill()
      while runs.count > fanIn {
        // Merge the oldest; the result goes to the end, so that all take part equally often.
        let oldest = Array(runs.prefix(fanIn))
        runs.removeFirst(fanIn)
        runs.append(try merge(oldest, into: spill, &reader))
      }
    }
    try mergeSlices(runs, &reader, body)
  }

  /// All records of `runs`, sorted.
  ///
  /// - Precondition: they fit, and the layout has no prefix.
  func sortAtOnce(
    _ runs: [SortedRun], reader: inout SortedRunReader
  ) throws -> UnsafeBufferPointer<Key> {
    let records = runs.reduce(0) { $0 + $1.records }
    var count = 0
    for run in runs {
      var run = run
      while !run.isAtEnd {
        // `records` came from the directory; a block may not go beyond it.
        guard count + min(SpillFormat.blockRecords, records - count) <= keyCapacity else { break }
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
    return unsafe sorted(memory, count, memory + keyCapacity / 2).keys
  }

  /// A record's place in the order.
  private struct Place {
    let prefix: UInt16
    /// Nil for the end of all records with that prefix.
    let key: Key?

    /// - Precondition: the other has a key.
    @inline(__always)
    func precedes(_ other: Place, _ layout: KeyLayout) -> Bool {
      guard prefix == other.prefix else { return prefix < other.prefix }
      guard let key, let otherKey = other.key else { return false }
      return key.precedes(otherKey, layout)
    }
  }

  /// A run and its block in memory.
  @safe private struct Cursor {
    var run: SortedRun
    let block: UnsafeMutablePointer<Key>
    let prefixes: UnsafeMutablePointer<UInt16>?
    var next = 0
    var count = 0

    var isUsedUp: Bool { next == count }
    var first: Place { self[next] }
    var last: Place { self[count - 1] }
    /// The error for records out of order: another program wrote them, or a fault of ours.
    var disorder: SpillError { .corrupt(path: run.file.path, offset: run.offset) }

    @inline(__always)
    subscript(index: Int) -> Place {
      unsafe Place(prefix: prefixes.map { unsafe $0[index] } ?? 0, key: block[index])
    }

    mutating func readBlock(_ reader: inout SortedRunReader, _ layout: KeyLayout) throws {
      next = 0
      count = try unsafe reader.readBlock(of: &run, into: block, prefixes: prefixes, layout)
    }

    /// How many records from `next` on do not come after `bound`.
    func countUpTo(_ bound: Place, _ layout: KeyLayout) -> Int {
      var low = next
      var high = count
      while low < high {
        let middle = (low + high) / 2
        if bound.precedes(self[middle], layout) { high = middle } else { low = middle + 1 }
      }
      return low - next
    }
  }

  private func mergeSlices(
    _ runs: [SortedRun], _ reader: inout SortedRunReader, _ body: (Slice) throws -> Void
  ) throws {
    var cursors: [Cursor] = []
    for (index, run) in runs.enumerated() {
      let start = index * SpillFormat.blockRecords
      var cursor = unsafe Cursor(
        run: run, block: memory + start, prefixes: prefixes.map { unsafe $0 + start })
      try cursor.readBlock(&reader, layout)
      cursors.append(cursor)
    }
    let slice = unsafe memory + runs.count * SpillFormat.blockRecords
    let capacity = Self.sliceRecords
    let scratch = unsafe slice + capacity
    var filled = 0
    var prefix: UInt16 = 0
    func handOut() throws {
      if filled > 0 { try unsafe body(sorted(slice, filled, scratch, prefix)) }
      filled = 0
    }

    while !cursors.isEmpty {
      var bound = cursors[0].last
      var smallest = cursors[0].first
      for cursor in cursors {
        if cursor.last.precedes(bound, layout) { bound = cursor.last }
        if cursor.first.precedes(smallest, layout) { smallest = cursor.first }
      }
      if smallest.prefix != prefix {
        try handOut()
        prefix = smallest.prefix
      }
      if bound.prefix != prefix { bound = Place(prefix: prefix, key: nil) }
      var total = countUpTo(bound, cursors)
      if total > capacity - filled { try handOut() }
      // More than a whole slice: come down to a smaller bound, in the end to the smallest record.
      while total > capacity, let lower = lowerBound(bound, smallest, cursors) {
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
          try cursors[index].readBlock(&reader, layout)
          // Within a block the deltas keep the order; from block to block nothing else does.
          if cursors[index].first.precedes(last, layout) { throw cursors[index].disorder }
        }
      }
      // Sorted blocks always give a record. Going on without one would never end.
      if moved == 0 { throw cursors[0].disorder }
      cursors.removeAll { $0.isUsedUp }
    }
    try handOut()
  }

  private func sorted(
    _ slice: UnsafeMutablePointer<Key>, _ count: Int, _ scratch: UnsafeMutablePointer<Key>,
    _ prefix: UInt16 = 0
  ) -> Slice {
    unsafe sorter.sort(slice, count: count, scratch: scratch)
    return unsafe Slice(
      keys: UnsafeBufferPointer(start: slice, count: count),
      groupBase: layout.group(ofPrefix: prefix), layout: layout)
  }

  private func countUpTo(_ bound: Place, _ cursors: [Cursor]) -> Int {
    cursors.reduce(0) { $0 + $1.countUpTo(bound, layout) }
  }

  /// A bound before `bound`: the middle record of the block that has most up to it, or `smallest`,
  /// the smallest record of all; nil when `bound` is that already.
  private func lowerBound(_ bound: Place, _ smallest: Place, _ cursors: [Cursor]) -> Place? {
    var middle = smallest
    var highest = 0
    for cursor in cursors {
      let count = cursor.countUpTo(bound, layout)
      if count > highest {
        highest = count
        middle = cursor[cursor.next + (count - 1) / 2]
      }
    }
    if isBefore(middle, bound) { return middle }
    return isBefore(smallest, bound) ? smallest : nil
  }

  /// Whether a record comes before a bound, which may be the end of its prefix.
  private func isBefore(_ place: Place, _ bound: Place) -> Bool {
    bound.key == nil ? place.prefix <= bound.prefix : place.precedes(bound, layout)
  }

  private func merge(_ runs: [SortedRun], into spill: MergeSpill, _ reader: inout SortedRunReader)
    throws -> SortedRun
  {
    var writer = spill.writer
    defer { spill.writer = writer }
    let (runClass, partition) = (runs[0].runClass, runs[0].partition)
    writer.beginRun(runClass, partition)
    try mergeSlices(runs, &reader) { slice in try slice.fold(into: &writer) }
    let extent = try writer.endRun()
    try writer.flush()
    return SortedRun(
      extent, runClass, partition, in: SpillFile(file: spill.file, end: Int.max), segmentStart: 0)
  }
}

extension SortedRunMerger.Slice {
  /// Appends the records to the run that is being written, equal records as one.
  func fold(into writer: inout SortedRunWriter) throws {
    var index = 0
    while index < count {
      let key = self[index]
      var streams: UInt64 = 0
      repeat {
        streams &+= self[index].count(layout)
        index &+= 1
      } while index < count && self[index].hasSameSong(as: key, layout)
        && self[index].attribute(layout) == key.attribute(layout)
      while streams > 0 {
        let part = min(streams, SpillFormat.maxCount)
        try writer.append(
          group: group(key), item: key.item(layout), attribute: key.attribute(layout), count: part)
        streams &-= part
      }
    }
  }
}
