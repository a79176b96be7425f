/// The digit width of a pass over 16,384 records or more, in bits. Caches work well with writes to
/// 256 buckets at a time.
private let largePassBits = 8
/// The maximum digit width of a pass over fewer records, in bits. They fit a second-level cache, so
/// a pass has enough buckets to leave one or two records in each.
private let maxDigitBits = 13
/// The width of the widest sort key, two ids of 64 bits.
private let maxKeyBits = 128

/// The number of counts that a sort needs in addition to keys and scratch: a table for each level
/// of passes. The digits of all levels together have at most `maxKeyBits` bits, so only a few levels
/// can have tables of full size.
let radixSortCounts = ((maxKeyBits + maxDigitBits - 1) / maxDigitBits) << maxDigitBits

/// A most-significant-digit radix sort of records by (group, item) (Knuth, TAOCP vol. 3, 5.2.5).
/// The width of a digit follows the number of records, and insertion sorts short buckets.
///
/// Time: about 10 ns per record, whatever the width of keys, if ids are spread evenly. Such records
/// all differ within the first log2(count) bits, so most bits of a key are never read. One pass
/// finds the leading bits that all keys share, and no digit has them. In the worst case, a few keys
/// differ in early bits and all others only in their last bits. Then each digit takes a pass over
/// the records.
///
/// Memory: scratch of the same size as the input, and `radixSortCounts` counts.
@safe struct RadixSort<Key: RecordKey> {
  /// The maximum length at which insertion is faster than counting into buckets.
  private static var insertionRecords: Int { 20 }

  private let layout: KeyLayout
  private let counts: UnsafeMutablePointer<UInt32>

  /// - Precondition: `counts` holds `radixSortCounts` values, and no sort has 2^32 records or more.
  init(layout: KeyLayout, counts: UnsafeMutablePointer<UInt32>) {
    self.layout = layout
    unsafe self.counts = unsafe counts
  }

  /// Sorts `count` records of `keys`.
  ///
  /// - Precondition: `scratch` has space for `count` records.
  func sort(
    _ keys: UnsafeMutablePointer<Key>, count: Int, scratch: UnsafeMutablePointer<Key>
  ) {
    let bits = unsafe Key.differingBits(keys, count: count, layout)
    unsafe sort(keys, count, to: keys, scratch, bits: bits, counts)
  }

  /// Sorts the records of `source` into `target` by the lowest `bits` bits of the sort key. All
  /// higher bits are equal. `target` is `source` or `other`, and both are overwritten.
  private func sort(
    _ source: UnsafeMutablePointer<Key>, _ count: Int, to target: UnsafeMutablePointer<Key>,
    _ other: UnsafeMutablePointer<Key>, bits: Int, _ ends: UnsafeMutablePointer<UInt32>
  ) {
    if count <= Self.insertionRecords || bits == 0 {
      return unsafe insertionSort(source, count, to: target)
    }
    // Insertion sort works best with buckets of about two records.
    let deserved = Int.bitWidth - count.leadingZeroBitCount - 1
    var width = min(deserved > maxDigitBits ? largePassBits : deserved, bits)
    if Key.hasTwoWords, bits > layout.itemBits { width = min(width, bits - layout.itemBits) }
    let low = bits - width
    let digit = KeyDigit(layout, low: low, width: width, hasTwoWords: Key.hasTwoWords)
    unsafe ends.update(repeating: 0, count: 1 << width)
    for index in 0..<count { unsafe ends[source[index].value(of: digit)] &+= 1 }
    if unsafe Int(ends[source[0].value(of: digit)]) == count {
      return unsafe sort(source, count, to: target, other, bits: low, ends)
    }
    var sum: UInt32 = 0
    for bucket in 0..<(1 << width) {
      let size = unsafe ends[bucket]
      unsafe ends[bucket] = sum
      sum &+= size
    }
    let moved = unsafe source == target ? other : target
    for index in 0..<count {
      let key = unsafe source[index]
      let bucket = key.value(of: digit)
      unsafe moved[Int(ends[bucket])] = key
      unsafe ends[bucket] &+= 1
    }
    // The records are now in `moved`, and `source` is free. One insertion sort orders adjacent
    // short buckets together, because it moves no record from one bucket to another.
    var few = 0
    var start = 0
    for bucket in 0..<(1 << width) {
      let end = unsafe Int(ends[bucket])
      if end - start > Self.insertionRecords {
        unsafe insertionSort(moved + few, start - few, to: target + few)
        unsafe sort(
          moved + start, end - start, to: target + start, source + start, bits: low,
          ends + (1 << width))
        few = end
      }
      start = end
    }
    unsafe insertionSort(moved + few, count - few, to: target + few)
  }

  /// Sorts the records into `target`, which may be `source`.
  @inline(__always)
  private func insertionSort(
    _ source: UnsafeMutablePointer<Key>, _ count: Int, to target: UnsafeMutablePointer<Key>
  ) {
    unsafe Key.bubble(source, count, to: target)
    var index = 1
    while index < count {
      let key = unsafe target[index]
      var hole = index
      while hole > 0, unsafe key.precedes(target[hole &- 1], layout) {
        unsafe target[hole] = unsafe target[hole &- 1]
        hole &-= 1
      }
      unsafe target[hole] = key
      index &+= 1
    }
  }
}
