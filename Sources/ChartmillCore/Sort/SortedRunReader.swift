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
      // In a corrupt block the gaps may begin at the end of the ids, and each record may load one
      // of eight bytes. One word more, because the last id may be loaded as a word.
      unsafe ids = unsafe arena.allocate(
        SpillFormat.maxIDBytes + 8 * SpillFormat.blockRecords + 8)
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
      (1...8).contains(gapBytes), itemBytes <= idBytes,
      Int(load(UInt16.self, at: SpillFormat.partitionOffset)) == run.partition,
      Int(load(UInt8.self, at: SpillFormat.classOffset)) == run.runClass.index,
      load(UInt8.self, at: SpillFormat.versionOffset) == SpillFormat.version
    else { return nil }

    let shapes = unsafe memory.shapePayload + SpillFormat.headerBytes
    let firstExtra = unsafe shapes + records
    let firstGap = unsafe UnsafeRawPointer(idBase) + itemBytes
    var extra = unsafe firstExtra
    var itemAddress = UnsafeRawPointer(idBase)
    var gapAddress = unsafe firstGap
    let gapMask = UInt64.max &>> (64 &- 8 &* gapBytes)
    var group = load(UInt64.self, at: SpillFormat.firstGroupOffset)
    var item: UInt64 = 0
    var attribute: UInt64 = 0
    var groupUnion: UInt64 = 0
    var itemUnion: UInt64 = 0
    var faults: UInt64 = 0
    let keyGroupMask = layout.keyGroupMask
    // Each field is selected by a mask of all bits or none, because a branch on a shape would be
    // unpredictable. All loads are within the buffers, whatever the shapes are, so that lengths are
    // checked once, after the loop. What is loaded but not needed is masked.
    for index in 0..<records {
      let shape = unsafe UInt64(shapes[index])
      let itemLength = (shape & SpillFormat.itemLengthMask) &+ 1
      let word = unsafe UInt64(littleEndian: itemAddress.loadUnaligned(as: UInt64.self))
      let stored = word & (UInt64.max &>> (64 &- 8 &* itemLength))
      unsafe itemAddress += Int(truncatingIfNeeded: itemLength)
      let shortDelta = shape &>> SpillFormat.groupDeltaShift
      let gap = unsafe UInt64(littleEndian: gapAddress.loadUnaligned(as: UInt64.self)) & gapMask
      let isGap = Self.mask((shortDelta &+ 1) &>> 3)
      let delta = shortDelta ^ (shortDelta ^ gap) & isGap
      unsafe gapAddress += gapBytes & Int(truncatingIfNeeded: isGap)
      // The lowest bit of `delta | -delta` shifted down is 1 unless the delta is 0.
      let hasDelta = (delta | (0 &- delta)) &>> 63
      let base = item & Self.mask(hasDelta ^ 1)
      item = stored &+ base
      group &+= delta
      // Differences are never negative, but adding them can overflow.
      faults |= group < delta ? 1 : 0
      faults |= item < base ? 1 : 0
      let hasAttribute = (shape &>> SpillFormat.hasAttributeShift) & 1
      attribute ^= unsafe (attribute ^ UInt64(extra.pointee)) & Self.mask(hasAttribute)
      unsafe extra += Int(truncatingIfNeeded: hasAttribute)
      let hasCount = (shape &>> SpillFormat.hasCountShift) & 1
      let count = unsafe 1 &+ (UInt64(extra.pointee) &- 1) & Self.mask(hasCount)
      unsafe extra += Int(truncatingIfNeeded: hasCount)
      faults |= count &- 1 < SpillFormat.maxCount ? 0 : 1
      groupUnion |= group
      itemUnion |= item
      unsafe keys[index] = Key(
        group: group & keyGroupMask, item: item, attribute: attribute, count: count, layout: layout)
      if let prefixes = unsafe prefixes { unsafe prefixes[index] = layout.prefix(of: group) }
    }
    guard faults == 0,
      unsafe itemAddress == UnsafeRawPointer(firstGap), unsafe extra == firstExtra + extrasBytes,
      unsafe gapAddress == UnsafeRawPointer(idBase) + idBytes,
      layout.groupBits >= 64 || groupUnion >> UInt64(layout.groupBits) == 0,
      layout.itemBits >= 64 || itemUnion >> UInt64(layout.itemBits) == 0
    else { return nil }
    return records
  }

  /// All bits if `flag` is 1, none if it is 0.
  @inline(__always)
  private static func mask(_ flag: UInt64) -> UInt64 { 0 &- flag }
}
