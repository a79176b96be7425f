/// Encodes sorted records into the runs of segments and appends them to a spill file.
///
/// One a worker, for all its segments. Time: about 6 ns a record, and the deflating of 1 to 2
/// bytes of it. Memory: `byteCount(partitionBits:)` of the slab.
struct SegmentWriter {
  private static let outputBytes = 256 << 10
  private static let mostExtras = SpillFormat.blockRecords * SpillFormat.mostExtrasBytes

  static func byteCount(partitionBits: Int) -> Int {
    SpillFormat.mostShapePayload + mostExtras + SpillFormat.mostMinorBytes + 8
      + outputBytes + SpillFormat.mostBlockBytes
      + SegmentDirectory.payloadBytes(partitionBits: partitionBits)
      + SegmentDirectory.memberBytes(partitionBits: partitionBits) + 8 * 64
  }

  private let deflate: Deflate
  private let partitionBits: Int

  // The block being filled. Extras are gathered apart and joined to the shapes at its end.
  private let shapePayload: UnsafeMutablePointer<UInt8>
  private let shapes: UnsafeMutablePointer<UInt8>
  private let extras: UnsafeMutablePointer<UInt8>
  private let minors: UnsafeMutablePointer<UInt8>
  private var records = 0
  private var extrasCount = 0
  private var minorsCount = 0
  private var firstMajor: UInt64 = 0
  private var previousMajor: UInt64 = 0
  private var previousMinor: UInt64 = 0
  private var previousTag: UInt64 = 0

  // The run being written.
  private var kind = RecordKind.user
  private var partition = 0
  private var run = RunExtent()

  // The segment being written.
  private let output: UnsafeMutablePointer<UInt8>
  private let directoryMemory: UnsafeMutableRawBufferPointer
  private var outputCount = 0
  private var file: File
  private var segmentStart = 0
  private var flushedEnd = 0
  private var directory: SegmentDirectory

  /// Bytes, runs of at least one record, of all segments so far.
  private(set) var spilledBytes = 0
  private(set) var spilledRuns = 0

  /// - Precondition: `slab` has `byteCount(partitionBits:)` bytes left.
  init(slab: Slab, deflate: Deflate, file: File, partitionBits: Int) {
    self.deflate = deflate
    self.file = file
    self.partitionBits = partitionBits
    shapePayload = slab.carve(UInt8.self, SpillFormat.mostShapePayload)
    shapes = shapePayload + SpillFormat.headerBytes
    extras = slab.carve(UInt8.self, Self.mostExtras)
    minors = slab.carve(UInt8.self, SpillFormat.mostMinorBytes + 8)
    output = slab.carve(UInt8.self, Self.outputBytes + SpillFormat.mostBlockBytes)
    directoryMemory = slab.carve(
      SegmentDirectory.payloadBytes(partitionBits: partitionBits)
        + SegmentDirectory.memberBytes(partitionBits: partitionBits))
    directory = SegmentDirectory(partitionBits: partitionBits)
  }

  /// Begins a segment at `offset`, the end of `file`.
  mutating func beginSegment(in file: File, at offset: Int) {
    self.file = file
    segmentStart = offset
    flushedEnd = offset + SegmentDirectory.memberBytes(partitionBits: partitionBits)
    outputCount = 0
    directory = SegmentDirectory(partitionBits: partitionBits)
  }

  /// Begins the run of a partition. Runs come in the directory's order, none left out.
  mutating func beginRun(_ kind: RecordKind, _ partition: Int) {
    self.kind = kind
    self.partition = partition
    run = RunExtent()
    run.offset = UInt64(flushedEnd + outputCount - segmentStart)
  }

  /// Appends a record. Records come in the order of (major, minor), `count` is 1 … 15.
  @inline(__always)
  mutating func append(major: UInt64, minor: UInt64, tag: UInt64, count: UInt64)
    throws(SystemError)
  {
    if records == SpillFormat.blockRecords { try endBlock() }
    if records == 0 { beginBlock(major) }
    let majorDelta = major &- previousMajor
    let stored = majorDelta == 0 ? minor &- previousMinor : minor
    let length = (71 &- (stored | 1).leadingZeroBitCount) &>> 3
    var shape = UInt8(truncatingIfNeeded: length &- 1)
    if majorDelta < SpillFormat.majorDeltaEscape {
      shape |= UInt8(truncatingIfNeeded: majorDelta) &<< SpillFormat.majorDeltaShift
    } else {
      shape |= UInt8(SpillFormat.majorDeltaEscape) &<< SpillFormat.majorDeltaShift
      appendVarint(majorDelta)
    }
    if tag != previousTag {
      shape |= SpillFormat.hasTag
      extras[extrasCount] = UInt8(truncatingIfNeeded: tag)
      extrasCount &+= 1
      previousTag = tag
    }
    if count != 1 {
      shape |= SpillFormat.hasCount
      extras[extrasCount] = UInt8(truncatingIfNeeded: count)
      extrasCount &+= 1
    }
    shapes[records] = shape
    UnsafeMutableRawPointer(minors + minorsCount).storeBytes(
      of: stored.littleEndian, as: UInt64.self)
    minorsCount &+= length
    records &+= 1
    previousMajor = major
    previousMinor = minor
    run.majorUnion |= major
    run.minorUnion |= minor
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      extras[extrasCount] = UInt8(truncatingIfNeeded: rest) | 0x80
      extrasCount &+= 1
      rest &>>= 7
    }
    extras[extrasCount] = UInt8(truncatingIfNeeded: rest)
    extrasCount &+= 1
  }

  mutating func endRun() throws(SystemError) {
    if records > 0 { try endBlock() }
    run.byteCount = UInt64(flushedEnd + outputCount - segmentStart) - run.offset
    if run.records > 0 { spilledRuns += 1 }
    directory.runs[
      SegmentDirectory.runIndex(kind, partition, partitionBits: partitionBits)] = run
  }

  /// Completes the segment, whose user runs count `streams` rows, and returns its end in the file.
  mutating func endSegment(streams: Int) throws(SystemError) -> Int {
    try flush()
    directory.streams = UInt64(streams)
    directory.segmentBytes = flushedEnd - segmentStart
    let payloadBytes = SegmentDirectory.payloadBytes(partitionBits: partitionBits)
    let payload = UnsafeMutableRawBufferPointer(rebasing: directoryMemory[..<payloadBytes])
    directory.encode(into: payload)
    let member = UnsafeMutableRawBufferPointer(rebasing: directoryMemory[payloadBytes...])
    let count = GzipMember.writeStored(UnsafeRawBufferPointer(payload), into: member)
    try file.write(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(member)[..<count]), at: segmentStart)
    spilledBytes += directory.segmentBytes
    return flushedEnd
  }

  private mutating func beginBlock(_ major: UInt64) {
    firstMajor = major
    previousMajor = major
    previousMinor = 0
    previousTag = 0
    extrasCount = 0
    minorsCount = 0
  }

  private mutating func endBlock() throws(SystemError) {
    let header = UnsafeMutableRawPointer(shapePayload)
    func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
      header.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
    header.initializeMemory(as: UInt8.self, repeating: 0, count: SpillFormat.headerBytes)
    store(UInt32(records), at: SpillFormat.recordsOffset)
    store(UInt32(extrasCount), at: SpillFormat.extrasBytesOffset)
    store(UInt32(minorsCount), at: SpillFormat.minorBytesOffset)
    store(UInt16(partition), at: SpillFormat.partitionOffset)
    store(UInt8(kind.rawValue), at: SpillFormat.kindOffset)
    store(SpillFormat.version, at: SpillFormat.versionOffset)
    store(firstMajor, at: SpillFormat.firstMajorOffset)
    (shapes + records).update(from: extras, count: extrasCount)

    let room = SpillFormat.mostBlockBytes
    let end = UnsafeMutableRawPointer(output + outputCount)
    let first = GzipMember.writeDeflated(
      UnsafeRawBufferPointer(
        start: header, count: SpillFormat.headerBytes + records + extrasCount),
      into: UnsafeMutableRawBufferPointer(start: end, count: room), deflate: deflate)
    let second = GzipMember.writeStored(
      UnsafeRawBufferPointer(start: minors, count: minorsCount),
      into: UnsafeMutableRawBufferPointer(start: end + first, count: room - first))
    outputCount += first + second
    run.records += UInt64(records)
    records = 0
    if outputCount >= Self.outputBytes { try flush() }
  }

  private mutating func flush() throws(SystemError) {
    try file.write(UnsafeRawBufferPointer(start: output, count: outputCount), at: flushedEnd)
    flushedEnd += outputCount
    outputCount = 0
  }
}
