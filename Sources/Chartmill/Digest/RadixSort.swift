/// 128 bits of wide key, 8 a digit, and one that overlaps.
private let mostDigits = 17

/// The room a sort needs beside keys and scratch: 256 counts for each digit and for the first pass.
let radixSortCounts = (mostDigits + 1) * 256

/// Stable least-significant-digit radix sort of records by (major, minor), 8 bits a pass
/// (Knuth, TAOCP 5.2.5), with one most-significant pass first when the input is larger than the
/// cache, so that the other passes stay inside it.
///
/// Time: linear; about 13 ns a record of 48 significant bits. Memory: as much scratch as input,
/// and a table of counts. Passes whose digit is the same in every record are skipped.
struct RadixSort<Key: RecordKey> {
  /// 8 Ki records of 8 bytes and their scratch are 128 KiB: a quarter of a second-level cache.
  private static var cacheRecords: Int { (64 << 10) / MemoryLayout<Key>.stride }
  /// At and below this length insertion beats counting into 256 buckets.
  private static var insertionRecords: Int { 24 }

  private let layout: KeyLayout
  private let shifts: [Int]
  private let counts: UnsafeMutablePointer<UInt32>

  /// - Precondition: `counts` holds `radixSortCounts` values, and no sort has 2^32 records or more.
  init(layout: KeyLayout, counts: UnsafeMutablePointer<UInt32>) {
    self.layout = layout
    shifts = Key.digitShifts(layout)
    precondition(shifts.count <= mostDigits)
    self.counts = counts
  }

  /// Sorts `count` records of `keys`; the result is in `keys` or in `scratch`, as returned.
  func sort(
    _ keys: UnsafeMutablePointer<Key>, count: Int, scratch: UnsafeMutablePointer<Key>
  ) -> UnsafeMutablePointer<Key> {
    if count <= Self.insertionRecords {
      insertionSort(keys, count)
      return keys
    }
    if count <= Self.cacheRecords || shifts.count < 3 {
      return sortInCache(keys, count, scratch, digits: shifts.count)
    }
    // Scatter by the highest digit, then sort each bucket, which ends in `keys` again.
    let top = shifts[shifts.count - 1]
    let starts = counts + mostDigits * 256
    starts.update(repeating: 0, count: 256)
    for index in 0..<count { starts[keys[index].digit(top)] &+= 1 }
    var sum: UInt32 = 0
    for bucket in 0..<256 {
      let size = starts[bucket]
      starts[bucket] = sum
      sum &+= size
    }
    for index in 0..<count {
      let bucket = keys[index].digit(top)
      scratch[Int(starts[bucket])] = keys[index]
      starts[bucket] &+= 1
    }
    // `starts` now holds the ends.
    var start = 0
    for bucket in 0..<256 {
      let end = Int(starts[bucket])
      let size = end - start
      let from = scratch + start
      let to = keys + start
      if size <= Self.insertionRecords {
        insertionSort(from, size)
        to.update(from: from, count: size)
      } else if sortInCache(from, size, to, digits: shifts.count - 1) == from {
        to.update(from: from, count: size)
      }
      start = end
    }
    return keys
  }

  private func sortInCache(
    _ keys: UnsafeMutablePointer<Key>, _ count: Int, _ scratch: UnsafeMutablePointer<Key>,
    digits: Int
  ) -> UnsafeMutablePointer<Key> {
    let counts = counts
    return shifts.withUnsafeBufferPointer { shifts in
      counts.update(repeating: 0, count: digits * 256)
      for index in 0..<count {
        let key = keys[index]
        for digit in 0..<digits {
          counts[digit &* 256 &+ key.digit(shifts[digit])] &+= 1
        }
      }
      var source = keys
      var target = scratch
      for digit in 0..<digits {
        let shift = shifts[digit]
        let starts = counts + digit &* 256
        if Int(starts[source[0].digit(shift)]) == count { continue }
        var sum: UInt32 = 0
        for bucket in 0..<256 {
          let size = starts[bucket]
          starts[bucket] = sum
          sum &+= size
        }
        for index in 0..<count {
          let key = source[index]
          let bucket = key.digit(shift)
          target[Int(starts[bucket])] = key
          starts[bucket] &+= 1
        }
        swap(&source, &target)
      }
      return source
    }
  }

  private func insertionSort(_ keys: UnsafeMutablePointer<Key>, _ count: Int) {
    var index = 1
    while index < count {
      let key = keys[index]
      var hole = index
      while hole > 0, key.precedes(keys[hole - 1], layout) {
        keys[hole] = keys[hole - 1]
        hole -= 1
      }
      keys[hole] = key
      index += 1
    }
  }
}
