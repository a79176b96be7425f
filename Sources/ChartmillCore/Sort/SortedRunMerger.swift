internal import ChartmillSystem

/// Merges the sorted runs of one partition into one sorted sequence, which is handed out in slices.
///
/// One decoded block of each run is in memory. The records up to the smallest last key of these
/// blocks are complete, because no run can still deliver a smaller one. (This is the forecasting of
/// Knuth, TAOCP vol. 3, 5.4.6, which finds the next block to read. Here it finds the records that
/// are complete.) They are one sorted array in each block. The arrays are merged in pairs until one
/// is left, which is the next slice. Then each block that is used up is replaced by the next one of
/// its run. A slice fits a second-level cache, and all its records have the same prefix (see
/// `KeyLayout`).
///
/// If there are more runs than fit at once, some are first merged into longer runs in a spill file.
///
/// Time: for each pass, 1 ns per record and level of pairs, for example 6 ns with 60 runs, and about
/// 5 ns per record to decode it. Memory: 40 KiB for each run that is merged at once (104 KiB with
/// wide keys), and 256 KiB for the slices.
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

  /// The maximum number of records of a slice. It is merged in two buffers of this size, which fit
  /// a typical second-level cache together.
  private static var sliceRecords: Int { (128 << 10) / MemoryLayout<Key>.stride }

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

  /// The minimum memory for a merge, in bytes.
  static var minBytes: Int { byteCount(runs: 4) }

  /// The memory for merging `runs` at once, in bytes: a block of each, and two buffers.
  static func byteCount(runs: Int) -> Int {
    runs * blockBytes + 2 * sliceRecords * MemoryLayout<Key>.stride
  }

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
      // The first merge takes just as many runs as leave `fanIn` for the last one if all others take
      // `fanIn` (Knuth, TAOCP vol. 3, 5.4.9). So few records are merged more than once.
      var next = (runs.count - 2) % (fanIn - 1) + 2
      while runs.count > fanIn {
        // The first runs are merged and the result is appended, so that all records are merged
        // about equally often.
        let oldest = Array(runs.prefix(next))
        runs.removeFirst(next)
        runs.append(try merge(oldest, into: spill, &reader))
        next = fanIn
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
    unsafe sorter.sort(memory, count: count, scratch: memory + keyCapacity / 2)
    return unsafe UnsafeBufferPointer(start: memory, count: count)
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
    /// The number of records from `next` on that do not come after the current bound.
    var countToBound = 0

    var isUsedUp: Bool { next == count }

    /// The next `count` records of the block.
    mutating func take(_ count: Int) -> UnsafeBufferPointer<Key> {
      defer { next += count }
      return unsafe UnsafeBufferPointer(start: block + next, count: count)
    }

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
    var arrays: [UnsafeBufferPointer<Key>] = unsafe []
    while !cursors.isEmpty {
      var bound = cursors[0].last
      var smallest = cursors[0].first
      for index in cursors.indices {
        let (first, last) = (cursors[index].first, cursors[index].last)
        if last.precedes(bound, layout) { bound = last }
        if first.precedes(smallest, layout) { smallest = first }
      }
      if bound.prefix != smallest.prefix { bound = Place(prefix: smallest.prefix, key: nil) }
      count(upTo: bound, &cursors)
      // While the records exceed a slice, lower the bound. The last bound to try is the smallest
      // record.
      while let lower = lowerBound(bound, smallest, cursors) {
        bound = lower
        count(upTo: bound, &cursors)
      }
      // If they still exceed it, all of them are equal, so any part of them may be taken.
      var taken = 0
      for index in cursors.indices {
        let count = min(cursors[index].countToBound, Self.sliceRecords - taken)
        if count > 0 { unsafe arrays.append(cursors[index].take(count)) }
        taken += count
      }
      // Sorted blocks always give a record. Without one, the loop would never end.
      if taken == 0 { throw cursors[0].disorder }
      try body(
        unsafe Slice(
          keys: mergeInPairs(&arrays, in: memory + runs.count * SpillFormat.blockRecords),
          groupBase: layout.group(ofPrefix: smallest.prefix), layout: layout))
      unsafe arrays.removeAll(keepingCapacity: true)
      for index in cursors.indices where cursors[index].isUsedUp && !cursors[index].run.isAtEnd {
        let last = cursors[index].last
        try cursors[index].readBlock(&reader, layout)
        // The reader checks the order within a block. This checks it from block to block.
        if cursors[index].first.precedes(last, layout) { throw cursors[index].disorder }
      }
      cursors.removeAll { $0.isUsedUp }
    }
  }

  /// Merges sorted arrays, and returns the result. It is in one half of `memory`, or is the only
  /// array.
  ///
  /// - Precondition: The arrays hold at most `sliceRecords`, and `memory` twice that number.
  private func mergeInPairs(
    _ arrays: inout [UnsafeBufferPointer<Key>], in memory: UnsafeMutablePointer<Key>
  ) -> UnsafeBufferPointer<Key> {
    var (target, other) = unsafe (memory, memory + Self.sliceRecords)
    while unsafe arrays.count > 1 {
      var end = unsafe target
      var merged = 0
      for index in unsafe stride(from: 0, to: arrays.count, by: 2) {
        let start = unsafe end
        let isLast = unsafe index + 1 == arrays.count
        let second = unsafe isLast ? UnsafeBufferPointer(start: end, count: 0) : arrays[index + 1]
        unsafe end = unsafe TwoWayMerge.merge(arrays[index], second, to: start, layout)
        unsafe arrays[merged] = unsafe UnsafeBufferPointer(start: start, count: end - start)
        merged += 1
      }
      unsafe arrays.removeLast(arrays.count - merged)
      unsafe (target, other) = unsafe (other, target)
    }
    return unsafe arrays[0]
  }

  private func count(upTo bound: Place, _ cursors: inout [Cursor]) {
    for index in cursors.indices {
      cursors[index].countToBound = cursors[index].countUpTo(bound, layout)
    }
  }

  /// A bound before `bound`, if more records than fit a slice come up to it: the record of the
  /// longest block that is likely to give a full slice, or else `smallest`, the smallest record of
  /// all. Nil if the records fit, or if `bound` is that record already.
  private func lowerBound(_ bound: Place, _ smallest: Place, _ cursors: [Cursor]) -> Place? {
    var total = 0
    var longest = 0
    for index in cursors.indices {
      total += cursors[index].countToBound
      if cursors[index].countToBound > cursors[longest].countToBound { longest = index }
    }
    if total <= Self.sliceRecords { return nil }
    // Somewhat fewer than a full slice, since the other blocks may have more up to that record.
    let share = cursors[longest].countToBound * Self.sliceRecords / total * 7 / 8
    let record = cursors[longest][cursors[longest].next + share]
    if isBefore(record, bound) { return record }
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
