internal import ChartmillSystem

/// Encodes sorted records into blocks of sorted runs, and appends them to a spill file. Each worker
/// has one.
///
/// Time: about 6 ns per record, plus the time to deflate 1 to 2 bytes per record. Memory: `Memory`,
/// about 450 KiB.
@safe struct SortedRunWriter {
  private static let outputBytes = 256 << 10
  /// The extras of a block, and one byte more, because each extra is stored before the writer knows
  /// whether it is needed.
  private static let maxExtrasCapacity = SpillFormat.blockRecords * SpillFormat.maxExtrasBytes + 1

  /// The buffers of a writer.
  @safe struct Memory {
    let shapePayload: UnsafeMutablePointer<UInt8>
    let extras: UnsafeMutablePointer<UInt8>
    let ids: UnsafeMutablePointer<UInt8>
    let gaps: UnsafeMutablePointer<UInt64>
    let output: UnsafeMutablePointer<UInt8>

    init(in arena: Arena) {
      unsafe shapePayload = unsafe arena.allocate(UInt8.self, SpillFormat.maxShapePayload)
      unsafe extras = unsafe arena.allocate(UInt8.self, maxExtrasCapacity)
      // Eight bytes more than the ids need, because the last id is stored as a word.
      unsafe ids = unsafe arena.allocate(UInt8.self, SpillFormat.maxIDBytes + 8)
      unsafe gaps = unsafe arena.allocate(UInt64.self, SpillFormat.blockRecords + 1)
      unsafe output = unsafe arena.allocate(UInt8.self, outputBytes + SpillFormat.maxBlockBytes)
    }
  }

  private let deflate: Deflate

  // The block that is being filled. When it ends, the extras are appended to the shapes, and the
  // gaps to the items.
  private let shapePayload: UnsafeMutablePointer<UInt8>
  private let shapes: UnsafeMutablePointer<UInt8>
  private let extras: UnsafeMutablePointer<UInt8>
  private let ids: UnsafeMutablePointer<UInt8>
  private let gaps: UnsafeMutablePointer<UInt64>
  private var records = 0
  private var extrasBytes = 0
  private var itemBytes = 0
  private var gapsCount = 0
  /// The bitwise OR of the gaps. It is as wide as the widest of them.
  private var gapUnion: UInt64 = 0
  private var firstGroup: UInt64 = 0
  private var previousGroup: UInt64 = 0
  private var previousItem: UInt64 = 0
  private var previousAttribute: UInt64 = 0

  // The run that is being written.
  private var runClass = SortedRunClass(kind: .user, isOutlier: false)
  private var partition = 0
  private var run = SortedRunExtent()

  private let output: UnsafeMutablePointer<UInt8>
  private var outputCount = 0
  private var file: File
  /// The byte offset in the file at which `output` will be written.
  private var flushedEnd = 0

  init(_ memory: Memory, deflate: Deflate, file: File) {
    self.deflate = deflate
    self.file = file
    unsafe shapePayload = unsafe memory.shapePayload
    unsafe shapes = unsafe shapePayload + SpillFormat.headerBytes
    unsafe extras = unsafe memory.extras
    unsafe ids = unsafe memory.ids
    unsafe gaps = unsafe memory.gaps
    unsafe output = unsafe memory.output
  }

  /// Directs the next runs to `file`, beginning at byte `offset`.
  ///
  /// - Precondition: all output is flushed.
  mutating func seek(to offset: Int, of file: File) {
    precondition(outputCount == 0)
    self.file = file
    flushedEnd = offset
  }

  /// Begins a run. The records that follow belong to it, up to `endRun`.
  mutating func beginRun(_ runClass: SortedRunClass, _ partition: Int) {
    self.runClass = runClass
    self.partition = partition
    run = SortedRunExtent()
    run.offset = UInt64(flushedEnd + outputCount)
  }

  /// Appends a record. Throws `SystemError` if output cannot be written.
  ///
  /// - Precondition: Records arrive in the order of (group, item), and `count` is 1 … 15.
  @inline(__always)
  mutating func append(group: UInt64, item: UInt64, attribute: UInt64, count: UInt64)
    throws(SystemError)
  {
    if records == SpillFormat.blockRecords { try endBlock() }
    if records == 0 { beginBlock(group) }
    let groupDelta = group &- previousGroup
    let stored = groupDelta == 0 ? item &- previousItem : item
    let length = UInt64(truncatingIfNeeded: 71 &- (stored | 1).leadingZeroBitCount) &>> 3
    // A branch on whether a field differs from the previous record would be unpredictable. So each
    // field is stored, and the next one overwrites it if it was not needed.
    let isGap: UInt64 = groupDelta < SpillFormat.groupDeltaEscape ? 0 : 1
    let hasAttribute: UInt64 = attribute == previousAttribute ? 0 : 1
    let hasCount: UInt64 = count == 1 ? 0 : 1
    unsafe gaps[gapsCount] = groupDelta
    gapsCount &+= Int(truncatingIfNeeded: isGap)
    gapUnion |= groupDelta & (0 &- isGap)
    unsafe extras[extrasBytes] = UInt8(truncatingIfNeeded: attribute)
    extrasBytes &+= Int(truncatingIfNeeded: hasAttribute)
    unsafe extras[extrasBytes] = UInt8(truncatingIfNeeded: count)
    extrasBytes &+= Int(truncatingIfNeeded: hasCount)
    previousAttribute = attribute
    unsafe shapes[records] = UInt8(
      truncatingIfNeeded: length &- 1 | hasAttribute &<< SpillFormat.hasAttributeShift
        | hasCount &<< SpillFormat.hasCountShift
        | min(groupDelta, SpillFormat.groupDeltaEscape) &<< SpillFormat.groupDeltaShift)
    unsafe UnsafeMutableRawPointer(ids + itemBytes).storeBytes(
      of: stored.littleEndian, as: UInt64.self)
    itemBytes &+= Int(truncatingIfNeeded: length)
    records &+= 1
    previousGroup = group
    previousItem = item
    run.groupUnion |= group
    run.itemUnion |= item
  }

  /// Completes the run, and returns its position in the file, counted from the start of the file.
  mutating func endRun() throws(SystemError) -> SortedRunExtent {
    if records > 0 { try endBlock() }
    run.byteCount = UInt64(flushedEnd + outputCount) - run.offset
    return run
  }

  private mutating func beginBlock(_ group: UInt64) {
    firstGroup = group
    previousGroup = group
    previousItem = 0
    previousAttribute = 0
    extrasBytes = 0
    itemBytes = 0
    gapsCount = 0
    gapUnion = 0
  }

  /// Appends the gaps to the items, `gapBytes` bytes each.
  private func appendGaps(_ gapBytes: Int) {
    let end = unsafe UnsafeMutableRawPointer(ids + itemBytes)
    for index in 0..<gapsCount {
      unsafe end.storeBytes(
        of: gaps[index].littleEndian, toByteOffset: index &* gapBytes, as: UInt64.self)
    }
  }

  private mutating func endBlock() throws(SystemError) {
    let gapBytes = (71 - (gapUnion | 1).leadingZeroBitCount) / 8
    appendGaps(gapBytes)
    let header = unsafe UnsafeMutableRawPointer(shapePayload)
    func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
      unsafe header.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
    unsafe header.initializeMemory(as: UInt8.self, repeating: 0, count: SpillFormat.headerBytes)
    store(UInt32(records), at: SpillFormat.recordsOffset)
    store(UInt32(extrasBytes), at: SpillFormat.extrasBytesOffset)
    store(UInt32(itemBytes), at: SpillFormat.itemBytesOffset)
    store(UInt16(partition), at: SpillFormat.partitionOffset)
    store(UInt8(runClass.index), at: SpillFormat.classOffset)
    store(SpillFormat.version, at: SpillFormat.versionOffset)
    store(firstGroup, at: SpillFormat.firstGroupOffset)
    store(UInt8(gapBytes), at: SpillFormat.gapBytesOffset)
    unsafe (shapes + records).update(from: extras, count: extrasBytes)

    let freeBytes = SpillFormat.maxBlockBytes
    let end = unsafe UnsafeMutableRawPointer(output + outputCount)
    let first = unsafe GzipMember.writeDeflated(
      UnsafeRawBufferPointer(
        start: header, count: SpillFormat.headerBytes + records + extrasBytes),
      into: UnsafeMutableRawBufferPointer(start: end, count: freeBytes), deflate)
    let second = unsafe GzipMember.writeStored(
      UnsafeRawBufferPointer(start: ids, count: itemBytes + gapsCount * gapBytes),
      into: UnsafeMutableRawBufferPointer(start: end + first, count: freeBytes - first))
    outputCount += first + second
    run.records += UInt64(records)
    records = 0
    if outputCount >= Self.outputBytes { try flush() }
  }

  /// Writes the buffered output, and returns the byte offset in the file at which it ends.
  @discardableResult
  mutating func flush() throws(SystemError) -> Int {
    try unsafe file.write(UnsafeRawBufferPointer(start: output, count: outputCount), at: flushedEnd)
    flushedEnd += outputCount
    outputCount = 0
    return flushedEnd
  }
}
