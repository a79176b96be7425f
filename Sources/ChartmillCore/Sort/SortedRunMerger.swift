internal import ChartmillSystem

/// Merges the sorted runs of one partition into one sorted sequence, which is handed out in slices.
///
/// One decoded block of each run is in memory. The records up to the smallest last key of these
/// blocks are complete, because no run can still deliver a smaller one. (This is the forecasting of
/// Knuth, TAOCP vol. 3, 5.4.6, which finds the next block to read. Here it finds the records that
/// are complete.) They are moved to the slice, and a block that is used up is replaced by the next
/// one of its run. When the slice is full, it is radix-sorted and handed out. A slice fits a
/// second-level cache, so a record costs about the same for ten runs as for hundreds. All records
/// of a slice have the same prefix (see `KeyLayout`), so a slice ends when the prefix changes.
///
/// If there are more runs than fit at once, some are first merged into longer runs in a spill file.
///
/// Time: about 15 ns per record and pass. Memory: 40 KiB for each run that is merged at once (104
/// KiB with wide keys), and 512 KiB for the slice and its scratch.
@safe struct SortedRunMerger<Key: RecordKey> {
  /// Sorted records with the same prefix.
  @safe struct Slice {
    let keys: UnsafeBufferPointer<Key>
    /// The value that the prefix adds to the group of each key.
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
  /// The number of keys that `memory` holds.
  private let keyCapacity: Int
  /// The maximum number of runs that are merged at once.
  private let fanIn: Int
  /// The prefixes of the blocks, stored after all keys; nil if the layout has no prefix.
  private let prefixes: UnsafeMutablePointer<UInt16>?
  private let sorter: RadixSort<Key>

  /// The maximum number of records of a slice. A slice and its scratch take 256 KiB each, so both
  /// fit a typical second-level cache.
  private static var sliceRecords: Int { (256 << 10) / MemoryLayout<Key>.stride }

  init(
    layout: KeyLayout, memory: UnsafeMutableRawBufferPointer,
    radixCounts: UnsafeMutablePointer<UInt32>
  ) {
    self.layout = layout
    // Mergers of different key types use the same memory one after another, so each binds it again.
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

  /// The memory for the keys and prefixes of a block, in bytes.
  private static var blockBytes: Int {
    SpillFormat.blockRecords * (MemoryLayout<Key>.stride + MemoryLayout<UInt16>.stride)
  }

  /// The minimum memory for a merge, in bytes: four blocks, a slice and its scratch.
  static var minBytes: Int { 4 * blockBytes + 2 * sliceRecords * MemoryLayout<Key>.stride }

  /// The maximum number of runs that are merged at once in `byteCount` bytes.
  static func fanIn(byteCount: Int) -> Int {
    max(2, (byteCount - 2 * sliceRecords * MemoryLayout<Key>.stride) / blockBytes)
  }

  /// Whether this many records and the same amount of scratch fit in memory.
  func fits(_ records: Int) -> Bool { records <= keyCapacity / 2 }

  /// Calls `body` with slices in order, which together hold all records of `runs`. Records with
  /// equal (group, item) may be in different slices.
  ///
  /// - Parameter spill: gives the file of intermediate runs; called only if the runs do not all fit
  ///   at once.
  /// - Throws: `SpillError.corrupt`; `SystemError`; `Interrupted`; what `spill` and `body` throw.
  func forEachSlice(
    of runs: [SortedRun], reader: inout SortedRunReader, spill: () throws -> MergeSpill,
    _ body: (Slice) throws -> Void
  ) throws {
    var runs = runs
    if runs.count > fanIn {
      let spill = try spill()
      while runs.count > fanIn {
        // The first runs are merged and the result is appended, so that all records are merged
        // about equally often.
        let oldest = Array(runs.prefix(fanIn))
        runs.removeFirst(fanIn)
        runs.append(try merge(oldest, into: spill, &reader))
      }
    }
    try mergeSlices(runs, &reader, body)
  }

  /// Sorts all records of `runs` at once. Throws `SpillError.corrupt`, `SystemError`,
  /// `Interrupted`.
  ///
  /// - Precondition: The records fit, and the layout has no prefix.
  func sortAtOnce(
    _ runs: [SortedRun], reader: inout SortedRunReader
  ) throws -> UnsafeBufferPointer<Key> {
    let records = runs.reduce(0) { $0 + $1.records }
    var count = 0
    for run in runs {
      var run = run
      while !run.isAtEnd {
        // `records` comes from the directories. The blocks must not hold more records than that.
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

  /// The position of a record, or of the end of a prefix, in the sort order.
  private struct Place {
    let prefix: UInt16
    /// The record; nil for the end of all records with that prefix.
    let key: Key?

    /// - Precondition: `other` has a key.
    @inline(__always)
    func precedes(_ other: Place, _ layout: KeyLayout) -> Bool {
      guard prefix == other.prefix else { return prefix < other.prefix }
      guard let key, let otherKey = other.key else { return false }
      return key.precedes(otherKey, layout)
    }
  }

  /// A run, and the block of it that is in memory.
  @safe private struct Cursor {
    var run: SortedRun
    let block: UnsafeMutablePointer<Key>
    let prefixes: UnsafeMutablePointer<UInt16>?
    var next = 0
    var count = 0

    var isUsedUp: Bool { next == count }
    var first: Place { self[next] }
    var last: Place { self[count - 1] }
    /// The error for records out of order, which only a bug or another program can have written.
    var disorder: SpillError { .corrupt(path: run.file.path, offset: run.offset) }

    @inline(__always)
    subscript(index: Int) -> Place {
      unsafe Place(prefix: prefixes.map { unsafe $0[index] } ?? 0, key: block[index])
    }

    mutating func readBlock(_ reader: inout SortedRunReader, _ layout: KeyLayout) throws {
      next = 0
      count = try unsafe reader.readBlock(of: &run, into: block, prefixes: prefixes, layout)
    }

    /// The number of records from `next` on that do not come after `bound`. Time: logarithmic.
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
      // While the records exceed a slice, lower the bound. The last bound to try is the smallest
      // record.
      while total > capacity, let lower = lowerBound(bound, smallest, cursors) {
        bound = lower
        total = countUpTo(bound, cursors)
      }
      // If they still exceed it, all of them are equal, so any part of them may be moved.
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
          // The reader checks the order within a block. This checks it from block to block.
          if cursors[index].first.precedes(last, layout) { throw cursors[index].disorder }
        }
      }
      // Sorted blocks always give a record. Without one, the loop would never end.
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

  /// A bound before `bound`: the middle record of the block with the most records up to `bound`, or
  /// else `smallest`, the smallest record of all. Nil if `bound` is that record already.
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

  /// Whether a record comes before a bound, which may be the end of a prefix.
  private func isBefore(_ place: Place, _ bound: Place) -> Bool {
    bound.key == nil ? place.prefix <= bound.prefix : place.precedes(bound, layout)
  }

  /// Merges `runs` into one run, which is appended to `spill`.
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
  /// Appends the records to the run that `writer` is writing. Equal records become one, with the
  /// sum of their counts, or several if the sum exceeds `SpillFormat.maxCount`.
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
