package import ChartmillSystem

/// The directory of a segment, which is its first member. Its size is 160 KiB for 1024 partitions.
@safe package struct SegmentDirectory {
  private static let magic: UInt64 = 0x4745_535f_4d43_0000 | UInt64(SpillFormat.version)

  // The byte offsets of the words at the start of the payload. A `SortedRunExtent` for each class
  // and partition follows these words.
  private static let bitsOffset = 8
  private static let segmentBytesOffset = 16
  private static let streamsOffset = 24
  private static let fixedBytes = 32

  let partitionBits: Int
  private let payload: UnsafeMutableRawBufferPointer
  private let member: UnsafeMutableRawBufferPointer

  /// The size of a directory's payload, in bytes.
  static func payloadBytes(partitionBits: Int) -> Int {
    fixedBytes + (SortedRunClass.all.count << partitionBits) * MemoryLayout<SortedRunExtent>.stride
  }

  /// The size of an encoded directory, in bytes.
  static func memberBytes(partitionBits: Int) -> Int {
    GzipMember.storedBytes(payloadBytes(partitionBits: partitionBits))
  }

  /// The memory that a directory needs in bytes, for its payload and for its member.
  package static func workBytes(partitionBits: Int) -> Int {
    (payloadBytes(partitionBits: partitionBits) + 63) & ~63
      + memberBytes(partitionBits: partitionBits)
  }

  private init(uninitializedIn memory: UnsafeMutableRawBufferPointer, partitionBits: Int) {
    self.partitionBits = partitionBits
    let payloadBytes = Self.payloadBytes(partitionBits: partitionBits)
    unsafe payload = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<payloadBytes])
    let memberStart = (payloadBytes + 63) & ~63
    unsafe member = unsafe UnsafeMutableRawBufferPointer(
      rebasing: memory[memberStart..<(memberStart + Self.memberBytes(partitionBits: partitionBits))]
    )
  }

  /// Makes a directory without runs.
  ///
  /// - Precondition: `memory` has `workBytes` and outlives the directory. Nothing else uses it.
  init(emptyIn memory: UnsafeMutableRawBufferPointer, partitionBits: Int) {
    unsafe self.init(uninitializedIn: memory, partitionBits: partitionBits)
    unsafe payload.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe payload.storeBytes(of: Self.magic, as: UInt64.self)
    unsafe payload.storeBytes(
      of: UInt64(partitionBits), toByteOffset: Self.bitsOffset, as: UInt64.self)
  }

  /// The size of the complete segment in bytes, with the directory.
  var segmentBytes: Int {
    get { unsafe Int(payload.load(fromByteOffset: Self.segmentBytesOffset, as: UInt64.self)) }
    nonmutating set {
      unsafe payload.storeBytes(
        of: UInt64(newValue), toByteOffset: Self.segmentBytesOffset, as: UInt64.self)
    }
  }

  /// The streams that the segment's user runs count. Its country runs count the same number of
  /// streams.
  var streams: UInt64 {
    get { unsafe payload.load(fromByteOffset: Self.streamsOffset, as: UInt64.self) }
    nonmutating set {
      unsafe payload.storeBytes(of: newValue, toByteOffset: Self.streamsOffset, as: UInt64.self)
    }
  }

  private func offset(_ runClass: SortedRunClass, _ partition: Int) -> Int {
    Self.fixedBytes
      + (runClass.index << partitionBits + partition) * MemoryLayout<SortedRunExtent>.stride
  }

  package subscript(runClass: SortedRunClass, partition: Int) -> SortedRunExtent {
    get {
      unsafe payload.load(fromByteOffset: offset(runClass, partition), as: SortedRunExtent.self)
    }
    nonmutating set {
      unsafe payload.storeBytes(
        of: newValue, toByteOffset: offset(runClass, partition), as: SortedRunExtent.self)
    }
  }

  /// The encoded member of `memberBytes` bytes, in this directory's memory.
  func encoded() -> UnsafeRawBufferPointer {
    let count = unsafe GzipMember.writeStored(UnsafeRawBufferPointer(payload), into: member)
    return unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(member)[..<count])
  }

  /// Reads the directory of the segment that begins at byte `start`. Nil if there is no directory
  /// for `partitionBits`, or if its runs do not fill the segment exactly.
  ///
  /// - Precondition: `memory` has `workBytes` and outlives the directory. Nothing else uses it.
  private init?(
    of spill: SpillFile, at start: Int, memory: UnsafeMutableRawBufferPointer, partitionBits: Int,
    _ deflate: Deflate
  ) throws(SystemError) {
    unsafe self.init(uninitializedIn: memory, partitionBits: partitionBits)
    guard try unsafe spill.read(into: member, at: start) == member.count,
      unsafe GzipMember.read(UnsafeRawBufferPointer(member), into: payload, deflate: deflate)
        == payload.count,
      unsafe payload.load(as: UInt64.self) == Self.magic,
      unsafe payload.load(fromByteOffset: Self.bitsOffset, as: UInt64.self) == UInt64(partitionBits)
    else { return nil }
    var end = unsafe UInt64(member.count)
    for runClass in SortedRunClass.all {
      for partition in 0..<(1 << partitionBits) {
        let run = self[runClass, partition]
        // This limit keeps the sum over all runs from overflowing.
        guard run.offset == end, run.byteCount <= 1 << 48 else { return nil }
        end += run.byteCount
      }
    }
    guard unsafe end == payload.load(fromByteOffset: Self.segmentBytesOffset, as: UInt64.self),
      end <= UInt64(spill.end - start)
    else { return nil }
  }

  /// Calls `body` with the directory of each segment of a file, and with the segment's byte offset.
  ///
  /// Time: the time to read and check `memberBytes` for each segment. Throws `SpillError.corrupt`,
  /// `SystemError`, and what `body` throws.
  package static func forEach(
    in spill: SpillFile, partitionBits: Int, memory: UnsafeMutableRawBufferPointer,
    _ deflate: Deflate, _ body: (SegmentDirectory, Int) throws -> Void
  ) throws {
    var start = 0
    while start < spill.end {
      let directory = try unsafe SegmentDirectory(
        of: spill, at: start, memory: memory, partitionBits: partitionBits, deflate)
      guard let directory else { throw SpillError.corrupt(path: spill.path, offset: start) }
      try body(directory, start)
      start += directory.segmentBytes
    }
  }
}
