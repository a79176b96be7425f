internal import ChartmillSystem

/// Partitions, sorts, folds and writes the rows of one worker, a segment at a time.
@safe final class SegmentWriter {
  private let scheme: PartitionScheme
  private let file: File
  /// Where the last segment ends, and the next one begins.
  private(set) var fileEnd = 0
  private var runs: SortedRunWriter
  private let directoryMemory: UnsafeMutableRawBufferPointer
  /// The directory of the segment being written, in `directoryMemory`.
  private var directory: SegmentDirectory
  private let partitionEnds: UnsafeMutablePointer<UInt32>
  private let radixCounts: UnsafeMutablePointer<UInt32>

  /// Bytes of segments, and number of runs that hold a record, so far.
  private(set) var spilledBytes = 0
  private(set) var spilledRuns = 0
  /// Segments so far.
  private(set) var count = 0

  /// What a writer works in, beside the rows.
  @safe struct Memory {
    let runs: SortedRunWriter.Memory
    let directory: UnsafeMutableRawBufferPointer
    let partitionEnds: UnsafeMutablePointer<UInt32>
    let radixCounts: UnsafeMutablePointer<UInt32>

    init(in arena: Arena, partitionBits: Int) {
      runs = SortedRunWriter.Memory(in: arena)
      unsafe directory = unsafe arena.allocate(
        SegmentDirectory.workBytes(partitionBits: partitionBits))
      unsafe partitionEnds = unsafe arena.allocate(UInt32.self, 1 << partitionBits)
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
    unsafe radixCounts = unsafe memory.radixCounts
    directory = unsafe SegmentDirectory(emptyIn: directoryMemory, partitionBits: scheme.bits)
  }

  /// Writes rows and outliers as one segment and empties both; nothing when there are none.
  ///
  /// Keys are (partition, quotient of the user), song, country; see `PartitionScheme`. `userBits`
  /// and `songBits` are the widths of the rows' ids; outliers' are 63.
  func write<Key: RecordKey>(
    _ rows: inout KeyBuffer<Key>, outliers: inout KeyBuffer<WideKey>, userBits: Int, songBits: Int
  ) throws(SystemError) {
    let streams = rows.count + outliers.count
    guard streams > 0 else { return }
    directory = unsafe SegmentDirectory(emptyIn: directoryMemory, partitionBits: scheme.bits)
    runs.seek(
      to: fileEnd + SegmentDirectory.memberBytes(partitionBits: scheme.bits), of: file)
    try writeUserRuns(&rows, isOutlier: false, userBits, songBits)
    try writeUserRuns(&outliers, isOutlier: true, 63, 63)
    try writeCountryRuns(&rows, isOutlier: false, songBits)
    try writeCountryRuns(&outliers, isOutlier: true, 63)
    let end = try runs.flush()
    directory.streams = UInt64(streams)
    directory.segmentBytes = end - fileEnd
    try unsafe file.write(directory.encoded(), at: fileEnd)
    spilledBytes += directory.segmentBytes
    fileEnd = end
    count += 1
  }

  /// (partition, country), the song's quotient, no tag, and a count.
  private func countryLayout(songBits: Int) -> KeyLayout {
    KeyLayout(
      majorBits: scheme.bits + 8, minorBits: songBits - scheme.bits, tagBits: 0, countBits: 4)
  }

  /// Writes the user runs, and leaves in `buffer` the records of the country runs, in no order: a
  /// record is read before its place is written, because no more records come out than went in.
  private func writeUserRuns<Key: RecordKey>(
    _ buffer: inout KeyBuffer<Key>, isOutlier: Bool, _ userBits: Int, _ songBits: Int
  ) throws(SystemError) {
    let scheme = scheme
    let quotientBits = userBits - scheme.bits
    let quotientMask: UInt64 = (1 &<< UInt64(quotientBits)) &- 1
    let layout = KeyLayout(majorBits: userBits, minorBits: songBits, tagBits: 8, countBits: 0)
    var innerLayout = layout
    innerLayout.majorBits = quotientBits
    let countryLayout = countryLayout(songBits: songBits)
    let sorter = unsafe RadixSort<Key>(layout: innerLayout, counts: radixCounts)
    partition(buffer, layout, innerBits: quotientBits)
    let keys = unsafe buffer.keys
    var runs = runs
    defer { self.runs = runs }
    var written = 0
    var start = 0
    for partition in 0..<scheme.count {
      let end = unsafe Int(partitionEnds[partition])
      let sorted = unsafe buffer.scratch + start
      unsafe sorter.sort(sorted, count: end - start, scratch: keys + start)
      runs.beginRun(SortedRunClass(kind: .user, isOutlier: isOutlier), partition)
      var index = 0
      while index < end - start {
        let key = unsafe sorted[index]
        let tag = key.tag(layout)
        var next = index &+ 1
        while next < end - start, unsafe sorted[next].hasSameSong(as: key, layout),
          unsafe sorted[next].tag(layout) == tag
        {
          next &+= 1
        }
        let quotient = key.major(layout) & quotientMask
        let song = key.minor(layout)
        let (songPartition, songQuotient) = scheme.splitSong(song, country: tag)
        var left = UInt64(next &- index)
        while left > 0 {
          let count = min(left, SpillFormat.mostCount)
          try runs.append(major: quotient, minor: song, tag: tag, count: count)
          unsafe keys[written] = Key(
            major: songPartition &<< 8 | tag, minor: songQuotient, tag: 0, count: count,
            layout: countryLayout)
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

  private func writeCountryRuns<Key: RecordKey>(
    _ buffer: inout KeyBuffer<Key>, isOutlier: Bool, _ songBits: Int
  ) throws(SystemError) {
    let layout = countryLayout(songBits: songBits)
    var innerLayout = layout
    innerLayout.majorBits = 8
    let sorter = unsafe RadixSort<Key>(layout: innerLayout, counts: radixCounts)
    partition(buffer, layout, innerBits: 8)
    var runs = runs
    defer { self.runs = runs }
    var start = 0
    for partition in 0..<scheme.count {
      let end = unsafe Int(partitionEnds[partition])
      let sorted = unsafe buffer.scratch + start
      unsafe sorter.sort(sorted, count: end - start, scratch: buffer.keys + start)
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
        let country = key.major(layout) & 255
        while left > 0 {
          let count = min(left, SpillFormat.mostCount)
          try runs.append(
            major: country, minor: key.minor(layout), tag: 0, count: count)
          left &-= count
        }
      }
      note(try runs.endRun(), SortedRunClass(kind: .country, isOutlier: isOutlier), partition)
      start = end
    }
    buffer.count = 0
  }

  private func note(_ run: SortedRunExtent, _ runClass: SortedRunClass, _ partition: Int) {
    var relative = run
    relative.offset -= UInt64(fileEnd)
    directory[runClass, partition] = relative
    if run.records > 0 { spilledRuns += 1 }
  }

  /// Scatters keys to the scratch by the partition above the lowest `innerBits` of their major;
  /// afterwards `partitionEnds` says where each partition ends.
  private func partition<Key: RecordKey>(
    _ buffer: borrowing KeyBuffer<Key>, _ layout: KeyLayout, innerBits: Int
  ) {
    let (keys, target, ends) = unsafe (buffer.keys, buffer.scratch, partitionEnds)
    let shift = UInt64(innerBits)
    unsafe ends.update(repeating: 0, count: scheme.count)
    for index in 0..<buffer.count {
      unsafe ends[Int(truncatingIfNeeded: keys[index].major(layout) &>> shift)] &+= 1
    }
    var sum: UInt32 = 0
    for partition in 0..<scheme.count {
      let size = unsafe ends[partition]
      unsafe ends[partition] = sum
      sum &+= size
    }
    // Each start moves to its end while the partition fills.
    for index in 0..<buffer.count {
      let key = unsafe keys[index]
      let partition = Int(truncatingIfNeeded: key.major(layout) &>> shift)
      unsafe target[Int(ends[partition])] = key
      unsafe ends[partition] &+= 1
    }
  }
}
