internal import ChartmillSystem

/// Decodes what the rollup wrote. One per worker.
///
/// Whatever the bytes of a file are, nothing outside them or the buffers is touched: each length
/// is checked before it is used, each member's CRC before its payload.
///
/// Time: about 4 ns a record, and the inflating of 1 to 2 bytes of it. Memory: `Memory`, some 200 KiB.
package struct SortedRunReader {
  /// What a reader works in.
  @safe struct Memory {
    let encoded: UnsafeMutableRawBufferPointer
    let shapePayload: UnsafeMutablePointer<UInt8>
    let ids: UnsafeMutableRawBufferPointer

    init(in arena: Arena) {
      unsafe encoded = unsafe arena.allocate(SpillFormat.maxBlockBytes)
      // Two bytes more than extras have: an attribute and a count are loaded before it is known whether
      // they are there.
      unsafe shapePayload = unsafe arena.allocate(UInt8.self, SpillFormat.maxShapePayload + 2)
      // Eight bytes more than ids have: the last may be loaded as a whole word.
      unsafe ids = unsafe arena.allocate(SpillFormat.maxIDBytes + 8)
    }
  }

  /// A block of usual records; the first read of a run asks for this much.
  private static let firstReadBytes = 24 << 10

  private let deflate: Deflate
  private let memory: Memory
  private var encoded: UnsafeMutableRawBufferPointer { unsafe memory.encoded }
  private var ids: UnsafeMutableRawBufferPointer { unsafe memory.ids }
  private var blockBytesGuess = firstReadBytes

  init(_ memory: Memory, deflate: Deflate) {
    self.memory = memory
    self.deflate = deflate
  }

  /// Decodes the next block of `run` into `keys` and, if the layout has a prefix, `prefixes`. Both
  /// hold `SpillFormat.blockRecords`. Returns the number of records, at least 1.
  ///
  /// - Throws: `SpillError.corrupt` for anything that is not a block of that run, or does not fit
  ///   `layout`; `SystemError` when reading fails; `Interrupted` once a signal came.
  mutating func readBlock<Key: RecordKey>(
    of run: inout SortedRun, into keys: UnsafeMutablePointer<Key>,
    prefixes: UnsafeMutablePointer<UInt16>? = nil, _ layout: KeyLayout
  ) throws -> Int {
    try StopRequest.check()
    let corrupt = SpillError.corrupt(path: run.file.path, offset: run.offset)
    let left = run.end - run.offset
    var count = try read(run, from: 0, to: min(left, blockBytesGuess))
    guard let first = unsafe GzipMember.length(UnsafeRawBufferPointer(rebasing: encoded[..<count]))
    else {
      throw corrupt
    }
    // The second member's length is in its header, behind the first.
    guard unsafe first + GzipMember.headerBytes <= min(left, encoded.count) else { throw corrupt }
    if count < first + GzipMember.headerBytes {
      count += try read(run, from: count, to: first + GzipMember.headerBytes)
    }
    guard
      let second = unsafe GzipMember.length(
        UnsafeRawBufferPointer(rebasing: encoded[first..<max(first, count)])),
      unsafe first + second <= min(left, encoded.count)
    else { throw corrupt }
    if count < first + second { count += try read(run, from: count, to: first + second) }
    let shapePayload = unsafe UnsafeMutableRawBufferPointer(
      start: memory.shapePayload, count: SpillFormat.maxShapePayload)
    guard count >= first + second,
      let shapeBytes = unsafe GzipMember.read(
        UnsafeRawBufferPointer(rebasing: encoded[..<first]), into: shapePayload, deflate: deflate),
      let idBytes = unsafe GzipMember.read(
        UnsafeRawBufferPointer(rebasing: encoded[first..<(first + second)]),
        into: UnsafeMutableRawBufferPointer(rebasing: ids[..<SpillFormat.maxIDBytes]),
        deflate: deflate),
      let records = unsafe decode(run, shapeBytes, idBytes, into: keys, prefixes, layout)
    else { throw corrupt }
    // Blocks of a run are alike: a little more than the last one usually gets the next one whole.
    blockBytesGuess = unsafe min(encoded.count, first + second + (first + second) / 8)
    run.offset += first + second
    return records
  }

  private func read(_ run: SortedRun, from: Int, to: Int) throws -> Int {
    return try unsafe run.file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: encoded[from..<to]), at: run.offset + from)
  }

  /// Nil when the payloads are not a block of that run.
  private func decode<Key: RecordKey>(
    _ run: SortedRun, _ shapeBytes: Int, _ idBytes: Int, into keys: UnsafeMutablePointer<Key>,
    _ prefixes: UnsafeMutablePointer<UInt16>?, _ layout: KeyLayout
  ) -> Int? {
    guard shapeBytes >= SpillFormat.headerBytes, let idBase = unsafe ids.baseAddress else {
      return nil
    }
    let header = unsafe UnsafeRawPointer(memory.shapePayload)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int)
      -> Value
    {
      unsafe Value(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: type))
    }
    let records = Int(load(UInt32.self, at: SpillFormat.recordsOffset))
    let extrasBytes = Int(load(UInt32.self, at: SpillFormat.extrasBytesOffset))
    let itemBytes = Int(load(UInt32.self, at: SpillFormat.itemBytesOffset))
    let gapBytes = Int(load(UInt8.self, at: SpillFormat.gapBytesOffset))
    guard (1...SpillFormat.blockRecords).contains(records),
      shapeBytes == SpillFormat.headerBytes + records + extrasBytes,
      (1...8).contains(gapBytes),
      Int(load(UInt16.self, at: SpillFormat.partitionOffset)) == run.partition,
      Int(load(UInt8.self, at: SpillFormat.classOffset)) == run.runClass.index,
      load(UInt8.self, at: SpillFormat.versionOffset) == SpillFormat.version
    else { return nil }

    let shapes = unsafe memory.shapePayload + SpillFormat.headerBytes
    // All lengths are checked at once, so that the loop below loads without checks.
    var (itemLengths, extras, gaps) = (records, 0, 0)
    for index in 0..<records {
      let shape = unsafe shapes[index]
      itemLengths &+= Int(shape & SpillFormat.itemLengthMask)
      extras &+= Int(shape &>> 3 & 1) &+ Int(shape &>> 4 & 1)
      gaps &+= shape &>> SpillFormat.groupDeltaShift == SpillFormat.groupDeltaEscape ? 1 : 0
    }
    guard itemLengths == itemBytes, extras == extrasBytes,
      itemBytes + gaps * gapBytes == idBytes
    else { return nil }

    var extra = unsafe shapes + records
    var itemAddress = UnsafeRawPointer(idBase)
    var gapAddress = unsafe itemAddress + itemBytes
    let gapMask = UInt64.max &>> UInt64(64 &- 8 &* gapBytes)
    var group = load(UInt64.self, at: SpillFormat.firstGroupOffset)
    var item: UInt64 = 0
    var attribute: UInt64 = 0
    var groupUnion: UInt64 = 0
    var itemUnion: UInt64 = 0
    var isSound = true
    let keyGroupMask = layout.keyGroupMask
    for index in 0..<records {
      let shape = unsafe shapes[index]
      let length = Int(shape & SpillFormat.itemLengthMask) &+ 1
      let word = unsafe UInt64(littleEndian: itemAddress.loadUnaligned(as: UInt64.self))
      let stored = word & (UInt64.max &>> UInt64(64 &- 8 &* length))
      unsafe itemAddress += length
      // What follows is selected instead of branched to: it cannot be foreseen. The bytes that are
      // loaded without need lie in memory of ours.
      let shortDelta = UInt64(shape &>> SpillFormat.groupDeltaShift)
      let gap = unsafe UInt64(littleEndian: gapAddress.loadUnaligned(as: UInt64.self)) & gapMask
      let isGap = shortDelta == SpillFormat.groupDeltaEscape
      let delta = isGap ? gap : shortDelta
      unsafe gapAddress += isGap ? gapBytes : 0
      let (previousGroup, previousItem) = (group, item)
      item = stored &+ (delta == 0 ? item : 0)
      group &+= delta
      // Deltas cannot go down, but they can overflow.
      isSound = isSound && group >= previousGroup && (delta > 0 || item >= previousItem)
      attribute = unsafe shape & SpillFormat.hasAttribute != 0 ? UInt64(extra.pointee) : attribute
      unsafe extra += Int(shape &>> 3 & 1)
      let count = unsafe shape & SpillFormat.hasCount != 0 ? UInt64(extra.pointee) : 1
      unsafe extra += Int(shape &>> 4 & 1)
      isSound = isSound && count &- 1 < SpillFormat.maxCount
      groupUnion |= group
      itemUnion |= item
      unsafe keys[index] = Key(
        group: group & keyGroupMask, item: item, attribute: attribute, count: count, layout: layout)
      if let prefixes = unsafe prefixes { unsafe prefixes[index] = layout.prefix(of: group) }
    }
    guard isSound,
      layout.groupBits >= 64 || groupUnion >> UInt64(layout.groupBits) == 0,
      layout.itemBits >= 64 || itemUnion >> UInt64(layout.itemBits) == 0
    else { return nil }
    return records
  }
}
