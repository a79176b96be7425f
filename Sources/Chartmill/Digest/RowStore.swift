/// A worker's rows in memory, and how they leave it: packed as keys until the slab is full, then
/// partitioned, sorted, folded into counts and written as one segment, by user and by country.
///
/// Time: about 30 ns a row for each of the two halves. Memory: the slab it is given; 16 bytes a row
/// (48 once ids need wide keys), half of them scratch.
struct RowStore {
  private let scheme: PartitionScheme
  private let partitionStarts: UnsafeMutablePointer<UInt32>
  private let radixCounts: UnsafeMutablePointer<UInt32>
  private let memory: UnsafeMutableRawPointer
  private let memoryBytes: Int

  private var writer: RunWriter
  private let directoryMemory: UnsafeMutableRawBufferPointer
  private let file: File
  private var fileEnd = 0

  private var rows = 0
  private var capacity = 0
  private var isWide = false
  private var userBits = 0
  private var songBits = 0
  private var layout = KeyLayout(majorBits: 0, minorBits: 0, tagBits: 8, countBits: 0)

  /// Bytes of segments and number of runs that hold a record, so far.
  private(set) var spilledBytes = 0
  private(set) var spilledRuns = 0

  /// What a store needs of a slab beside its rows.
  static func fixedBytes(partitionBits: Int) -> Int {
    RunWriter.byteCount + SegmentDirectory.workBytes(partitionBits: partitionBits)
      + ((2 << partitionBits) + radixSortCounts) * MemoryLayout<UInt32>.stride + 4 * 64
  }

  /// Takes all that is left of `slab`; segments go to the end of `file`, which is empty.
  init(slab: Slab, scheme: PartitionScheme, deflate: Deflate, file: File) {
    self.scheme = scheme
    self.file = file
    writer = RunWriter(slab: slab, deflate: deflate, file: file)
    directoryMemory = slab.carve(SegmentDirectory.workBytes(partitionBits: scheme.bits))
    partitionStarts = slab.carve(UInt32.self, scheme.count + 1)
    radixCounts = slab.carve(UInt32.self, radixSortCounts)
    memoryBytes = min(slab.remaining & ~127, 1 << 34)
    memory = UnsafeMutableRawPointer(slab.carve(UInt8.self, memoryBytes))
  }

  /// Adds the rows of a batch; writes a segment first when they do not fit.
  mutating func append(_ batch: borrowing RowBatch) throws(SystemError) {
    guard batch.count > 0 else { return }
    let batchUserBits = 64 - batch.userBits.leadingZeroBitCount
    let batchSongBits = 64 - batch.songBits.leadingZeroBitCount
    if batchUserBits > userBits || batchSongBits > songBits || capacity == 0 {
      try flush()
      widen(userBits: batchUserBits, songBits: batchSongBits)
    }
    if rows + batch.count > capacity { try flush() }
    if isWide {
      pack(batch, as: WideKey.self)
    } else {
      pack(batch, as: UInt64.self)
    }
  }

  /// Keys are as wide as the widest ids so far, so that no sorting pass is spent on empty bits.
  private mutating func widen(userBits: Int, songBits: Int) {
    self.userBits = max(self.userBits, userBits, scheme.bits)
    self.songBits = max(self.songBits, songBits, scheme.bits)
    layout = KeyLayout(
      majorBits: self.userBits, minorBits: self.songBits, tagBits: 8, countBits: 0)
    isWide = !layout.isPackable || !countryLayout.isPackable
    let stride = isWide ? MemoryLayout<WideKey>.stride : MemoryLayout<UInt64>.stride
    capacity = min(memoryBytes / (2 * stride), Int(UInt32.max))
  }

  /// (partition, country), the song's quotient, no tag, and a count.
  private var countryLayout: KeyLayout {
    KeyLayout(
      majorBits: scheme.bits + 8, minorBits: songBits - scheme.bits, tagBits: 0, countBits: 4)
  }

  private mutating func pack<Key: RecordKey>(_ batch: borrowing RowBatch, as: Key.Type) {
    let keys = memory.assumingMemoryBound(to: Key.self) + rows
    let layout = layout
    let scheme = scheme
    let quotientBits = UInt64(userBits - scheme.bits)
    for row in 0..<batch.count {
      let (partition, quotient) = scheme.splitUser(batch.users[row])
      keys[row] = Key(
        major: partition &<< quotientBits | quotient, minor: batch.songs[row],
        tag: UInt64(batch.countries[row]), count: 1, layout: layout)
    }
    rows += batch.count
  }

  /// Writes what is in memory as one segment; nothing when there are no rows.
  mutating func flush() throws(SystemError) {
    guard rows > 0 else { return }
    if isWide {
      try writeSegment(WideKey.self)
    } else {
      try writeSegment(UInt64.self)
    }
    rows = 0
  }

  private mutating func writeSegment<Key: RecordKey>(_: Key.Type) throws(SystemError) {
    let keys = memory.assumingMemoryBound(to: Key.self)
    let scratch = keys + capacity
    var directory = SegmentDirectory(partitionBits: scheme.bits)
    let start = fileEnd
    writer.seek(
      to: start + SegmentDirectory.memberBytes(partitionBits: scheme.bits), of: file)
    let records = try writeUserRuns(keys, scratch, &directory)
    try writeCountryRuns(keys, records, scratch, &directory)
    fileEnd = try writer.flush()
    directory.streams = UInt64(rows)
    directory.segmentBytes = fileEnd - start
    try file.write(directory.encoded(in: directoryMemory), at: start)
    spilledBytes += fileEnd - start
  }

  private mutating func note(
    _ run: RunExtent, _ kind: RecordKind, _ partition: Int, _ directory: inout SegmentDirectory
  ) {
    var relative = run
    relative.offset -= UInt64(fileEnd)
    directory[kind, partition] = relative
    if run.records > 0 { spilledRuns += 1 }
  }

  /// Writes the user runs, and leaves in `keys` the records of the country runs, partition by
  /// partition as they fall: a record is read before its place is written, because no more records
  /// come out than rows went in.
  private mutating func writeUserRuns<Key: RecordKey>(
    _ keys: UnsafeMutablePointer<Key>, _ scratch: UnsafeMutablePointer<Key>,
    _ directory: inout SegmentDirectory
  ) throws(SystemError) -> Int {
    let layout = layout
    let countryLayout = countryLayout
    let scheme = scheme
    let quotientBits = userBits - scheme.bits
    let quotientMask = (1 &<< UInt64(quotientBits)) &- 1 as UInt64
    var innerLayout = layout
    innerLayout.majorBits = quotientBits
    let sorter = RadixSort<Key>(layout: innerLayout, counts: radixCounts)
    partition(keys, rows, into: scratch, layout, quotientBits)
    var written = 0
    var start = 0
    for partition in 0..<scheme.count {
      let end = Int(partitionStarts[partition])
      let sorted = sorter.sort(scratch + start, count: end - start, scratch: keys + start)
      writer.beginRun(.user, partition)
      var index = 0
      while index < end - start {
        let key = sorted[index]
        let tag = key.tag(layout)
        var next = index &+ 1
        while next < end - start, sorted[next].hasSameSong(as: key, layout),
          sorted[next].tag(layout) == tag
        {
          next &+= 1
        }
        let quotient = key.major(layout) & quotientMask
        let song = key.minor(layout)
        let (songPartition, songQuotient) = scheme.splitSong(song, country: tag)
        var left = UInt64(next &- index)
        while left > 0 {
          let count = min(left, SpillFormat.mostCount)
          try writer.append(major: quotient, minor: song, tag: tag, count: count)
          keys[written] = Key(
            major: songPartition &<< 8 | tag, minor: songQuotient, tag: 0, count: count,
            layout: countryLayout)
          written &+= 1
          left &-= count
        }
        index = next
      }
      note(try writer.endRun(), .user, partition, &directory)
      start = end
    }
    return written
  }

  private mutating func writeCountryRuns<Key: RecordKey>(
    _ keys: UnsafeMutablePointer<Key>, _ count: Int, _ scratch: UnsafeMutablePointer<Key>,
    _ directory: inout SegmentDirectory
  ) throws(SystemError) {
    let layout = countryLayout
    var innerLayout = layout
    innerLayout.majorBits = 8
    let sorter = RadixSort<Key>(layout: innerLayout, counts: radixCounts)
    partition(keys, count, into: scratch, layout, 8)
    var start = 0
    for partition in 0..<scheme.count {
      let end = Int(partitionStarts[partition])
      let sorted = sorter.sort(scratch + start, count: end - start, scratch: keys + start)
      writer.beginRun(.country, partition)
      var index = 0
      while index < end - start {
        let key = sorted[index]
        var left = key.count(layout)
        index &+= 1
        while index < end - start, sorted[index].hasSameSong(as: key, layout) {
          left &+= sorted[index].count(layout)
          index &+= 1
        }
        let country = key.major(layout) & 255
        let song = key.minor(layout)
        while left > 0 {
          let count = min(left, SpillFormat.mostCount)
          try writer.append(major: country, minor: song, tag: 0, count: count)
          left &-= count
        }
      }
      note(try writer.endRun(), .country, partition, &directory)
      start = end
    }
  }

  /// Scatters records by the partition above the lowest `innerBits` of their major; afterwards
  /// `partitionStarts` holds where each partition ends.
  private func partition<Key: RecordKey>(
    _ keys: UnsafeMutablePointer<Key>, _ count: Int, into target: UnsafeMutablePointer<Key>,
    _ layout: KeyLayout, _ innerBits: Int
  ) {
    let starts = partitionStarts
    let shift = UInt64(innerBits)
    starts.update(repeating: 0, count: scheme.count)
    for index in 0..<count {
      starts[Int(truncatingIfNeeded: keys[index].major(layout) &>> shift)] &+= 1
    }
    var sum: UInt32 = 0
    for partition in 0..<scheme.count {
      let size = starts[partition]
      starts[partition] = sum
      sum &+= size
    }
    for index in 0..<count {
      let key = keys[index]
      let partition = Int(truncatingIfNeeded: key.major(layout) &>> shift)
      target[Int(starts[partition])] = key
      starts[partition] &+= 1
    }
  }
}
