/// A pass over much has 256 buckets: as many streams of writes as the caches follow well.
private let largePassBits = 8
/// A pass over what a second-level cache holds has up to 8192, when that leaves few records in each.
private let maxDigitBits = 13
/// Bits of the widest sort key, two ids of 64.
private let maxKeyBits = 128

/// The memory a sort needs beside keys and scratch: a table of counts for each level of passes. The
/// levels share the bits of a key, so those with large tables are few.
let radixSortCounts = ((maxKeyBits + maxDigitBits - 1) / maxDigitBits) << maxDigitBits

/// Most-significant-digit radix sort of records by (group, item) (Knuth, TAOCP 5.2.5), with digits
/// as wide as the number of records deserves, and insertion where few are left.
///
/// Ids that are spread evenly, as users and songs are, fall apart after log2(count) bits, so most
/// of a key's bits are never looked at: about 10 ns a record, for any key. The leading bits that
/// all keys have in common, most of them in a slice of a merge, are found in one look. The worst
/// case, keys that differ in their last bits only, reads and moves each record once for every 8
/// bits.
/// Memory: as much scratch as input, and `radixSortCounts` counts.
@safe struct RadixSort<Key: RecordKey> {
  /// At and below this length insertion beats counting into buckets.
  private static var insertionRecords: Int { 20 }

  private let layout: KeyLayout
  private let counts: UnsafeMutablePointer<UInt32>

  /// - Precondition: `counts` holds `radixSortCounts` values, and no sort has 2^32 records or more.
  init(layout: KeyLayout, counts: UnsafeMutablePointer<UInt32>) {
    self.layout = layout
    unsafe self.counts = unsafe counts
  }

  /// Sorts `count` records of `keys`, through `scratch`.
  func sort(
    _ keys: UnsafeMutablePointer<Key>, count: Int, scratch: UnsafeMutablePointer<Key>
  ) {
    let bits = unsafe Key.differingBits(keys, count: count, layout)
    unsafe sort(keys, count, to: keys, scratch, bits: bits, counts)
  }

  /// Sorts the records of `source` by their lowest `bits` sort bits, all others being equal, into
  /// `target`: which is `source`, or else the memory beside it that may be overwritten.
  private func sort(
    _ source: UnsafeMutablePointer<Key>, _ count: Int, to target: UnsafeMutablePointer<Key>,
    _ other: UnsafeMutablePointer<Key>, bits: Int, _ ends: UnsafeMutablePointer<UInt32>
  ) {
    if count <= Self.insertionRecords || bits == 0 {
      return unsafe insertionSort(source, count, to: target)
    }
    // Buckets of about two records are what insertion is best at.
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
    // The records are in `moved`, the memory that is free is `source`. Neighbouring buckets of few
    // records are put in order by one insertion sort: it moves none from bucket to bucket.
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

  /// Moves the records to `target`, if they are not there, each to its place.
  @inline(__always)
  private func insertionSort(
    _ source: UnsafeMutablePointer<Key>, _ count: Int, to target: UnsafeMutablePointer<Key>
  ) {
    var index = 0
    while index < count {
      let key = unsafe source[index]
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
