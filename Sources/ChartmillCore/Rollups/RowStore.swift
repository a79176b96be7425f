internal import ChartmillSystem

/// The rows of a worker in memory. They are packed as keys until the memory is full, then
/// partitioned, sorted, folded into counts and written as one segment, by user and by country.
///
/// Time: about 30 ns per row for each of the two halves. Memory: the arena; 20 bytes per row, or 52
/// if many ids need wide keys. Half of these bytes are scratch.
package struct RowStore: ~Copyable {
  /// Packed keys are widened once more than 1 in `outlierShare` rows, plus `fewOutliers`, have ids
  /// that do not fit.
  private static let outlierShare = 64
  private static let fewOutliers = 16
  /// The bits of a packed key and its prefix that hold a user and a song: all except the country's.
  private static let packedIDBits = 64 + KeyLayout.maxPrefixBits - KeyLayout.countryBits
  /// The bits that hold a song in the packed key of a country record: all except the country's and
  /// the count's.
  private static let packedSongBits = 64 - KeyLayout.countryBits - 4

  private let scheme: PartitionScheme
  private let segments: SegmentWriter

  private var userBits = 0
  private var songBits = 0
  private var isWide = false
  /// The rows since the width of the keys was set.
  private var rowsSeen = 0
  /// The outliers since the width of the keys was set.
  private var outliersSeen = 0
  private var packed: KeyBuffer<PackedKey>
  /// All rows while `isWide`, otherwise unused. It shares its memory with `packed`.
  private var wide: KeyBuffer<WideKey>
  private var outliers: KeyBuffer<WideKey>

  /// The minimum memory for rows and outliers, in bytes. The twelfth of it that holds outliers has
  /// space for two batches.
  private static let minRowBytes = 2 * 12 * RowBatch.capacity * KeyBuffer<WideKey>.rowBytes

  /// The memory of a store: all that is left of the arena.
  @safe struct Memory {
    let segments: SegmentWriter.Memory
    let outliers: UnsafeMutableRawBufferPointer
    let rows: UnsafeMutableRawBufferPointer

    init(in arena: Arena, partitionBits: Int) {
      segments = SegmentWriter.Memory(in: arena, partitionBits: partitionBits)
      let left = arena.rest(atLeast: minRowBytes)
      // A twelfth has space for one outlier of 52 bytes per 29 rows of 20 bytes in the other eleven.
      unsafe outliers = unsafe arena.allocate(left / 12 & ~63)
      unsafe rows = unsafe arena.allocate((left - outliers.count) & ~63)
    }

    /// The number of rows with packed keys that fit.
    var packedRows: Int { unsafe rows.count / KeyBuffer<PackedKey>.rowBytes }
  }

  /// Makes a store that writes segments to `file`.
  ///
  /// - Precondition: `file` is empty.
  init(_ memory: Memory, scheme: PartitionScheme, deflate: Deflate, file: File) {
    self.scheme = scheme
    segments = SegmentWriter(memory.segments, scheme: scheme, deflate: deflate, file: file)
    outliers = unsafe KeyBuffer(memory.outliers)
    wide = unsafe KeyBuffer(memory.rows)
    packed = unsafe KeyBuffer(memory.rows)
  }

  /// The byte offset at which the last segment ends.
  var fileEnd: Int { segments.fileEnd }
  var spilledBytes: Int { segments.spilledBytes }
  var segmentCount: Int { segments.count }
  var spilledRuns: Int { segments.spilledRuns }

  /// Adds the rows of a batch. Writes a segment first if they do not fit.
  mutating func append(_ batch: borrowing RowBatch) throws(SystemError) {
    if batch.count == 0 { return }
    if packed.free < batch.count || wide.free < batch.count || outliers.free < batch.count {
      try flush()
    }
    if !isWide, !fits(batch) { try widen(for: batch) }
    rowsSeen += batch.count
    if isWide {
      Self.pack(batch, into: &wide, layout, scheme)
    } else if fits(batch) {
      Self.pack(batch, into: &packed, layout, scheme)
    } else {
      packWithOutliers(batch)
    }
  }

  /// Whether the packed keys hold all ids of the batch. False if the keys have no width yet. A key
  /// with a width is at least as wide as a partition number.
  private func fits(_ batch: borrowing RowBatch) -> Bool {
    userBits >= scheme.bits && songBits >= scheme.bits
      && batch.userBits >> UInt64(userBits) == 0 && batch.songBits >> UInt64(songBits) == 0
  }

  private var layout: KeyLayout {
    isWide
      ? SegmentWriter.wideUserLayout(scheme)
      : SegmentWriter.userLayout(userBits: userBits, songBits: songBits, scheme)
  }

  /// Makes the packed keys wide enough for all rows except a few, unless they are already. If ids
  /// do not fit packed keys, all keys are wide until the next flush.
  ///
  /// Keys are no wider than necessary, so that no sorting pass reads empty bits. Widths only grow
  /// while keys are packed, so this flushes a few dozen times at most.
  private mutating func widen(for batch: borrowing RowBatch) throws(SystemError) {
    var beyond = 0
    for row in 0..<batch.count {
      let isBeyond =
        unsafe batch.users[row] >> UInt64(userBits) | batch.songs[row] >> UInt64(songBits) != 0
      beyond += isBeyond ? 1 : 0
    }
    let maxOutliers = (rowsSeen + batch.count) / Self.outlierShare + Self.fewOutliers
    if userBits > 0, outliersSeen + beyond <= maxOutliers {
      outliersSeen += beyond
      return
    }
    try flush()
    let few = batch.count / (2 * Self.outlierShare)
    userBits = unsafe max(userBits, Self.bits(covering: batch.users, batch.count, maxBeyond: few))
    songBits = unsafe max(songBits, Self.bits(covering: batch.songs, batch.count, maxBeyond: few))
    userBits = max(userBits, scheme.bits)
    songBits = max(songBits, scheme.bits)
    isWide = userBits + songBits > Self.packedIDBits || songBits > Self.packedSongBits
    if isWide { wide.bindMemory() }
    rowsSeen = 0
    outliersSeen = 0
  }

  /// The smallest width in bits that at most `maxBeyond` ids exceed.
  private static func bits(
    covering ids: UnsafeMutablePointer<UInt64>, _ count: Int, maxBeyond: Int
  ) -> Int {
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 65) { widths in
      unsafe widths.initialize(repeating: 0)
      for index in 0..<count { unsafe widths[64 - ids[index].leadingZeroBitCount] += 1 }
      var beyond = 0
      for width in stride(from: 64, to: 0, by: -1) {
        unsafe beyond += widths[width]
        if beyond > maxBeyond { return width }
      }
      return 0
    }
  }

  private static func pack<Key: RecordKey>(
    _ batch: borrowing RowBatch, into buffer: inout KeyBuffer<Key>, _ layout: KeyLayout,
    _ scheme: PartitionScheme
  ) {
    let (keys, prefixes) = unsafe (buffer.keys + buffer.count, buffer.prefixes + buffer.count)
    let quotientBits = UInt64(layout.groupBits - scheme.bits)
    let keyGroupMask = layout.keyGroupMask
    for row in 0..<batch.count {
      let (partition, quotient) = unsafe scheme.splitUser(batch.users[row])
      let group = partition &<< quotientBits | quotient
      unsafe keys[row] = unsafe Key(
        group: group & keyGroupMask, item: batch.songs[row],
        attribute: UInt64(batch.countries[row]),
        count: 1, layout: layout)
      unsafe prefixes[row] = layout.prefix(of: group)
    }
    buffer.count += batch.count
  }

  private mutating func packWithOutliers(_ batch: borrowing RowBatch) {
    let layout = layout
    let outlierLayout = SegmentWriter.wideUserLayout(scheme)
    for row in 0..<batch.count {
      let (user, song) = unsafe (batch.users[row], batch.songs[row])
      let (partition, quotient) = scheme.splitUser(user)
      let attribute = unsafe UInt64(batch.countries[row])
      if user >> UInt64(userBits) | song >> UInt64(songBits) == 0 {
        packed.append(
          group: partition << UInt64(userBits - scheme.bits) | quotient, item: song,
          attribute: attribute,
          layout)
      } else {
        outliers.append(
          group: partition << UInt64(63 - scheme.bits) | quotient, item: song, attribute: attribute,
          outlierLayout)
      }
    }
  }

  /// Writes the rows in memory as one segment. Does nothing if there are none.
  mutating func flush() throws(SystemError) {
    if isWide {
      try segments.write(&wide, outliers: &outliers, layout)
      // The next rows may be narrow again.
      isWide = false
      packed.bindMemory()
      userBits = 0
      songBits = 0
    } else {
      try segments.write(&packed, outliers: &outliers, layout)
    }
  }
}
