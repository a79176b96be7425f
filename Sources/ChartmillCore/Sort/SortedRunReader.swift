internal import ChartmillSystem

/// Decodes the blocks of sorted runs. Each worker has one.
///
/// Whatever the bytes of a file are, no memory outside of the buffers is accessed. Each length is
/// checked before it is used, and each member's CRC is checked before its payload is decoded.
///
/// Time: about 4 ns per record, plus the time to inflate 1 to 2 bytes per record. Memory: `Memory`,
/// about 160 KiB.
package struct SortedRunReader {
  /// The buffers of a reader.
  @safe struct Memory {
    let encoded: UnsafeMutableRawBufferPointer
    let shapePayload: UnsafeMutablePointer<UInt8>
    let ids: UnsafeMutableRawBufferPointer

    init(in arena: Arena) {
      unsafe encoded = unsafe arena.allocate(SpillFormat.maxBlockBytes)
      // Two bytes more than the extras need, because an attribute and a count are loaded before the
      // decoder knows whether they exist.
      unsafe shapePayload = unsafe arena.allocate(UInt8.self, SpillFormat.maxShapePayload + 2)
      // Eight bytes more than the ids need, because the last id may be loaded as a word.
      unsafe ids = unsafe arena.allocate(SpillFormat.maxIDBytes + 8)
    }
  }

  /// The number of bytes that a reader's first read requests: enough for a typical block.
  private static let firstReadBytes = 24 << 10

  private let deflate: Deflate
  private let memory: Memory
  private var encoded: UnsafeMutableRawBufferPointer { unsafe memory.encoded }
  private var ids: UnsafeMutableRawBufferPointer { unsafe memory.ids }
  /// The number of bytes that the next read requests, based on the size of the previous block.
  private var blockBytesGuess = firstReadBytes

  init(_ memory: Memory, deflate: Deflate) {
    self.memory = memory
    self.deflate = deflate
  }

  /// Decodes the next block of `run` into `keys` and, if the layout has a prefix, into `prefixes`.
  ///
  /// - Precondition: `keys` and `prefixes` have space for `SpillFormat.blockRecords`.
  /// - Returns: The number of records, at least 1.
  /// - Throws: `SpillError.corrupt` for bytes that are not a block of that run or do not fit
  ///   `layout`; `SystemError` if reading fails; `Interrupted` after a signal.
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
    // The second member follows the first one, and its header contains its length.
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
    // Blocks of a run have similar sizes, so an eighth more than the last one nearly always covers
    // the next one.
    blockBytesGuess = unsafe min(encoded.count, first + second + (first + second) / 8)
    run.offset += first + second
    return records
  }

  private func read(_ run: SortedRun, from: Int, to: Int) throws -> Int {
    return try unsafe run.file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: encoded[from..<to]), at: run.offset + from)
  }

  /// Decodes the payloads of a block. Nil if they are not a block of `run` or do not fit `layout`.
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
    // The sums of all lengths are checked first, so that the next loop can load without checks.
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
      // The fields below are selected without branches, which would be unpredictable. Bytes that
      // are loaded but not needed are still within the buffers.
      let shortDelta = UInt64(shape &>> SpillFormat.groupDeltaShift)
      let gap = unsafe UInt64(littleEndian: gapAddress.loadUnaligned(as: UInt64.self)) & gapMask
      let isGap = shortDelta == SpillFormat.groupDeltaEscape
      let delta = isGap ? gap : shortDelta
      unsafe gapAddress += isGap ? gapBytes : 0
      let (previousGroup, previousItem) = (group, item)
      item = stored &+ (delta == 0 ? item : 0)
      group &+= delta
      // Deltas are never negative, but adding them can overflow.
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
