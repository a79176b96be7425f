internal import ChartmillSystem

/// Partitions, sorts, folds and writes the rows of one worker, one segment at a time.
@safe final class SegmentWriter {
  private let scheme: PartitionScheme
  private let file: File
  /// The byte offset at which the last segment ends and the next one begins.
  private(set) var fileEnd = 0
  private var runs: SortedRunWriter
  private let directoryMemory: UnsafeMutableRawBufferPointer
  /// The directory of the segment that is being written, in `directoryMemory`.
  private var directory: SegmentDirectory
  private let partitionEnds: UnsafeMutablePointer<UInt32>
  private let prefixEnds: UnsafeMutablePointer<UInt32>
  private let radixCounts: UnsafeMutablePointer<UInt32>

  /// The size of all segments so far, in bytes.
  private(set) var spilledBytes = 0
  /// The number of sorted runs with records so far.
  private(set) var spilledRuns = 0
  /// The number of segments so far.
  private(set) var count = 0

  /// The memory of a writer, in addition to the rows.
  @safe struct Memory {
    let runs: SortedRunWriter.Memory
    let directory: UnsafeMutableRawBufferPointer
    let partitionEnds: UnsafeMutablePointer<UInt32>
    let prefixEnds: UnsafeMutablePointer<UInt32>
    let radixCounts: UnsafeMutablePointer<UInt32>

    init(in arena: Arena, partitionBits: Int) {
      runs = SortedRunWriter.Memory(in: arena)
      unsafe directory = unsafe arena.allocate(
        SegmentDirectory.workBytes(partitionBits: partitionBits))
      unsafe partitionEnds = unsafe arena.allocate(UInt32.self, 1 << partitionBits)
      unsafe prefixEnds = unsafe arena.allocate(
        UInt32.self, 1 << (KeyLayout.maxPrefixBits - partitionBits))
      unsafe radixCounts = unsafe arena.allocate(UInt32.self, radixSortCounts)
    }
  }

  /// - Precondition: `file` is empty.
  init(_ memory: Memory, scheme: PartitionScheme, deflate: Deflate, file: File) {
    self.scheme = scheme
    self.file = file
    runs = SortedRunWriter(memory.runs, deflate: deflate, file: file)
    unsafe directoryMemory = unsafe memory.directory
    unsafe partitionEnds = unsafe memory.partitionEnds
    unsafe prefixEnds = unsafe memory.prefixEnds
    unsafe radixCounts = unsafe memory.radixCounts
    directory = unsafe SegmentDirectory(emptyIn: directoryMemory, partitionBits: scheme.bits)
  }

  /// Writes rows and outliers as one segment and empties both buffers. Does nothing if both are
  /// empty.
  ///
  /// - Parameter layout: the layout of the rows, made by `userLayout` or `wideUserLayout`.
  func write<Key: RecordKey>(
    _ rows: inout KeyBuffer<Key>, outliers: inout KeyBuffer<WideKey>, _ layout: KeyLayout
  ) throws(SystemError) {
    let streams = rows.count + outliers.count
    guard streams > 0 else { return }
    directory = unsafe SegmentDirectory(emptyIn: directoryMemory, partitionBits: scheme.bits)
    runs.seek(
      to: fileEnd + SegmentDirectory.memberBytes(partitionBits: scheme.bits), of: file)
    let outlierLayout = Self.wideUserLayout(scheme)
    try writeUserRuns(&rows, isOutlier: false, layout)
    try writeUserRuns(&outliers, isOutlier: true, outlierLayout)
    try writeCountryRuns(&rows, isOutlier: false, countryLayout(songBits: layout.itemBits))
    try writeCountryRuns(&outliers, isOutlier: true, countryLayout(songBits: 63))
    let end = try runs.flush()
    directory.streams = UInt64(streams)
    directory.segmentBytes = end - fileEnd
    try unsafe file.write(directory.encoded(), at: fileEnd)
    spilledBytes += directory.segmentBytes
    fileEnd = end
    count += 1
  }

  /// The layout of rows. The group is the user's partition and quotient (see `PartitionScheme`),
  /// the item is the song, and the attribute is the country. The prefix is the partition, and the
  /// top bits of the quotient that a packed key does not hold.
  ///
  /// - Parameters:
  ///   - userBits, songBits: the widths of the ids, in bits.
  static func userLayout(
    userBits: Int, songBits: Int, _ scheme: PartitionScheme
  ) -> KeyLayout {
    KeyLayout(
      groupBits: userBits, itemBits: songBits, attributeBits: KeyLayout.countryBits, countBits: 0,
      prefixBits: max(scheme.bits, userBits + songBits + KeyLayout.countryBits - 64))
  }

  /// The layout of rows with wide keys, which hold ids of all widths. The prefix is the partition.
  static func wideUserLayout(_ scheme: PartitionScheme) -> KeyLayout {
    KeyLayout(
      groupBits: 63, itemBits: 63, attributeBits: KeyLayout.countryBits, countBits: 0,
      prefixBits: scheme.bits)
  }

  /// The layout of country records. The group is the partition and the country, the item is the
  /// song's quotient, and there is no attribute. The prefix is the partition.
  private func countryLayout(songBits: Int) -> KeyLayout {
    KeyLayout(
      groupBits: scheme.bits + KeyLayout.countryBits, itemBits: songBits - scheme.bits,
      attributeBits: 0, countBits: 4, prefixBits: scheme.bits)
  }

  /// Writes the sorted runs of users, and leaves the unsorted records of the country runs in
  /// `buffer`.
  ///
  /// A record is read before its place is overwritten, because folding rows never gives more
  /// records than there were rows.
  private func writeUserRuns<Key: RecordKey>(
    _ buffer: inout KeyBuffer<Key>, isOutlier: Bool, _ layout: KeyLayout
  ) throws(SystemError) {
    let scheme = scheme
    let countryLayout = countryLayout(songBits: layout.itemBits)
    partition(buffer, layout)
    let (keys, prefixes) = unsafe (buffer.keys, buffer.prefixes)
    let prefixIsPartition = layout.prefixBits == scheme.bits
    var runs = runs
    defer { self.runs = runs }
    var written = 0
    var start = 0
    for partition in 0..<scheme.count {
      let end = unsafe Int(partitionEnds[partition])
      let sorted = unsafe sort(buffer, start, end, layout)
      runs.beginRun(SortedRunClass(kind: .user, isOutlier: isOutlier), partition)
      var index = 0
      var prefix = 0
      // The end of the records with the current prefix, counted from the start of the partition.
      var prefixEnd = unsafe prefixIsPartition ? end - start : Int(prefixEnds[0])
      while index < end - start {
        while index == prefixEnd {
          prefix &+= 1
          prefixEnd = unsafe Int(prefixEnds[prefix])
        }
        let key = unsafe sorted[index]
        let attribute = key.attribute(layout)
        var next = index &+ 1
        while next < prefixEnd, unsafe sorted[next].hasSameSong(as: key, layout),
          unsafe sorted[next].attribute(layout) == attribute
        {
          next &+= 1
        }
        let quotient =
          UInt64(truncatingIfNeeded: prefix) &<< UInt64(layout.keyGroupBits) | key.group(layout)
        let song = key.item(layout)
        let (songPartition, songQuotient) = scheme.splitSong(song, country: attribute)
        var left = UInt64(next &- index)
        while left > 0 {
          let count = min(left, SpillFormat.maxCount)
          try runs.append(group: quotient, item: song, attribute: attribute, count: count)
          unsafe keys[written] = Key(
            group: attribute, item: songQuotient, attribute: 0, count: count, layout: countryLayout)
          unsafe prefixes[written] = UInt16(truncatingIfNeeded: songPartition)
          written &+= 1
          left &-= count
        }
        index = next
      }
      note(try runs.endRun(), SortedRunClass(kind: .user, isOutlier: isOutlier), partition)
      start = end
    }
    buffer.count = written
  }

  /// Sorts the records of one partition, which lie in the scratch from `start` to `end`, and
  /// returns a pointer to the sorted records. If prefixes have more bits than the partition,
  /// `prefixEnds` has the end of the records with each prefix afterwards, counted from that
  /// pointer.
  private func sort<Key: RecordKey>(
    _ buffer: borrowing KeyBuffer<Key>, _ start: Int, _ end: Int, _ layout: KeyLayout
  ) -> UnsafeMutablePointer<Key> {
    let sorter = unsafe RadixSort<Key>(layout: layout, counts: radixCounts)
    let (source, target) = unsafe (buffer.scratch + start, buffer.keys + start)
    let prefixBits = layout.prefixBits - scheme.bits
    if prefixBits == 0 {
      unsafe sorter.sort(source, count: end - start, scratch: target)
      return unsafe source
    }
    // The first pass of the radix sort is by the bits that keys do not hold.
    let (prefixes, ends) = unsafe (buffer.prefixScratch + start, prefixEnds)
    let mask = UInt16(truncatingIfNeeded: 1 << prefixBits - 1)
    unsafe ends.update(repeating: 0, count: 1 << prefixBits)
    for index in 0..<(end - start) { unsafe ends[Int(prefixes[index] & mask)] &+= 1 }
    unsafe Self.sumUp(ends, 1 << prefixBits)
    for index in 0..<(end - start) {
      let prefix = unsafe Int(prefixes[index] & mask)
      unsafe target[Int(ends[prefix])] = unsafe source[index]
      unsafe ends[prefix] &+= 1
    }
    var first = 0
    for prefix in 0..<(1 << prefixBits) {
      let next = unsafe Int(ends[prefix])
      unsafe sorter.sort(target + first, count: next - first, scratch: source + first)
      first = next
    }
    return unsafe target
  }

  private func writeCountryRuns<Key: RecordKey>(
    _ buffer: inout KeyBuffer<Key>, isOutlier: Bool, _ layout: KeyLayout
  ) throws(SystemError) {
    partition(buffer, layout)
    var runs = runs
    defer { self.runs = runs }
    var start = 0
    for partition in 0..<scheme.count {
      let end = unsafe Int(partitionEnds[partition])
      let sorted = unsafe sort(buffer, start, end, layout)
      runs.beginRun(SortedRunClass(kind: .country, isOutlier: isOutlier), partition)
      var index = 0
      while index < end - start {
        let key = unsafe sorted[index]
        var left = key.count(layout)
        index &+= 1
        while index < end - start, unsafe sorted[index].hasSameSong(as: key, layout) {
          unsafe left &+= sorted[index].count(layout)
          index &+= 1
        }
        while left > 0 {
          let count = min(left, SpillFormat.maxCount)
          try runs.append(
            group: key.group(layout), item: key.item(layout), attribute: 0, count: count)
          left &-= count
        }
      }
      note(try runs.endRun(), SortedRunClass(kind: .country, isOutlier: isOutlier), partition)
      start = end
    }
    buffer.count = 0
  }

  /// Adds a sorted run to the directory.
  private func note(_ run: SortedRunExtent, _ runClass: SortedRunClass, _ partition: Int) {
    var relative = run
    relative.offset -= UInt64(fileEnd)
    directory[runClass, partition] = relative
    if run.records > 0 { spilledRuns += 1 }
  }

  /// Moves keys to the scratch in the order of their partitions, which are the top bits of their
  /// prefixes. Prefixes that have more bits move too. Afterwards `partitionEnds` has the end of
  /// each partition.
  private func partition<Key: RecordKey>(
    _ buffer: borrowing KeyBuffer<Key>, _ layout: KeyLayout
  ) {
    let (keys, target, ends) = unsafe (buffer.keys, buffer.scratch, partitionEnds)
    let (prefixes, prefixTarget) = unsafe (buffer.prefixes, buffer.prefixScratch)
    // An `Int`, because the shift may be by all 16 bits of a prefix.
    let shift = layout.prefixBits - scheme.bits
    unsafe ends.update(repeating: 0, count: scheme.count)
    for index in 0..<buffer.count { unsafe ends[Int(prefixes[index]) &>> shift] &+= 1 }
    unsafe Self.sumUp(ends, scheme.count)
    // `ends` has the start of each partition, which moves to its end as the partition fills.
    if shift == 0 {
      for index in 0..<buffer.count {
        let partition = unsafe Int(prefixes[index])
        unsafe target[Int(ends[partition])] = unsafe keys[index]
        unsafe ends[partition] &+= 1
      }
    } else {
      for index in 0..<buffer.count {
        let prefix = unsafe prefixes[index]
        let place = unsafe Int(ends[Int(prefix) &>> shift])
        unsafe target[place] = unsafe keys[index]
        unsafe prefixTarget[place] = prefix
        unsafe ends[Int(prefix) &>> shift] &+= 1
      }
    }
  }

  /// Replaces each size by the sum of all earlier sizes.
  private static func sumUp(_ sizes: UnsafeMutablePointer<UInt32>, _ count: Int) {
    var sum: UInt32 = 0
    for index in 0..<count {
      let size = unsafe sizes[index]
      unsafe sizes[index] = sum
      sum &+= size
    }
  }
}
