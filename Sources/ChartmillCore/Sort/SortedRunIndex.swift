package import ChartmillSystem

/// The positions of each partition's sorted runs in a set of spill files.
///
/// A segment has a run of every partition, and lists them in its directory. Time would be quadratic
/// in the number of partitions if every directory were read again for every partition. So all
/// directories are read once, and their entries are sorted by partition: in memory if they are few,
/// otherwise in an unnamed file.
///
/// Time: one read per directory, then one read per class, partition and batch of segments. Memory:
/// the arena while the index is made; afterwards at most `maxHeldBytes`, and 16 bytes per batch.
package final class SortedRunIndex: Sendable {
  /// One run of a segment. Runs without records have a cell too, so that positions can be computed.
  fileprivate struct Cell: BitwiseCopyable {
    /// The index of the file among the spill files.
    var spill: UInt64
    /// The byte offset of the segment in that file.
    var segmentStart: UInt64
    var extent: SortedRunExtent
  }

  /// A batch of segments. Their cells are stored together, ordered by class, partition and segment.
  private struct Batch: Sendable {
    /// The byte offset of the first cell.
    var offset: Int
    var segments: Int
  }

  /// The maximum size of the cells that stay in memory, in bytes.
  private static let maxHeldBytes = 256 << 10

  private let spills: [SpillFile]
  private let partitionBits: Int
  /// The number of segments, which is the maximum number of sorted runs of a class and partition.
  let segments: Int
  private let batches: [Batch]
  /// The file of the cells; nil if they are in `held`.
  private let file: File?
  private let held: [UInt8]

  /// The memory in which an index is made. The index does not need it afterwards.
  @safe package struct Memory {
    let directory: UnsafeMutableRawBufferPointer
    let piece: UnsafeMutableRawBufferPointer
    /// The maximum number of segments of a batch.
    let batchCapacity: Int
    fileprivate let cells: UnsafeMutablePointer<Cell>

    package init(in arena: Arena, partitionBits: Int) {
      unsafe directory = unsafe arena.allocate(
        SegmentDirectory.workBytes(partitionBits: partitionBits))
      let segmentBytes = SortedRunClass.all.count << partitionBits * MemoryLayout<Cell>.stride
      let left = arena.rest(atLeast: 64 << 10 + 4 * segmentBytes)
      unsafe piece = unsafe arena.allocate(min(256 << 10, left / 4) & ~63)
      batchCapacity = unsafe min(512, (left - piece.count - 64) / segmentBytes)
      unsafe cells = unsafe arena.allocate(
        Cell.self, batchCapacity * SortedRunClass.all.count << partitionBits)
    }
  }

  /// Reads the directories of all segments of `spills`.
  ///
  /// Throws `SpillError.corrupt` for a damaged directory, and `SystemError`.
  package init(
    of spills: [SpillFile], partitionBits: Int, arena: Arena, spillFolder: String
  ) throws {
    self.spills = spills
    self.partitionBits = partitionBits
    arena.reset()
    let deflate = Deflate()
    let units = SortedRunClass.all.count << partitionBits
    let memory = Memory(in: arena, partitionBits: partitionBits)
    let (directoryMemory, piece) = unsafe (memory.directory, memory.piece)
    let (cells, batchCapacity) = unsafe (memory.cells, memory.batchCapacity)

    var batches: [Batch] = []
    var file: File?
    var end = 0
    var held: [UInt8] = []
    var segments = 0
    func write(_ bytes: UnsafeRawBufferPointer) throws {
      let start = end
      end += bytes.count
      guard let file else {
        unsafe held += bytes
        return
      }
      try unsafe file.write(bytes, at: start)
    }
    func writeBatch(isLast: Bool) throws {
      if segments == 0 { return }
      if file == nil, !isLast || segments * units * MemoryLayout<Cell>.stride > Self.maxHeldBytes {
        file = try File.createAnonymous(in: spillFolder)
      }
      batches.append(Batch(offset: end, segments: segments))
      var filled = 0
      func writePiece() throws {
        try unsafe write(UnsafeRawBufferPointer(rebasing: piece[..<filled]))
        filled = 0
      }
      for unit in 0..<units {
        for segment in 0..<segments {
          if filled + MemoryLayout<Cell>.stride > piece.count { try writePiece() }
          unsafe piece.storeBytes(
            of: cells[segment * units + unit], toByteOffset: filled, as: Cell.self)
          filled += MemoryLayout<Cell>.stride
        }
      }
      try writePiece()
      segments = 0
    }
    for (index, spill) in spills.enumerated() {
      try unsafe SegmentDirectory.forEach(
        in: spill, partitionBits: partitionBits, memory: directoryMemory, deflate
      ) { directory, start in
        for runClass in SortedRunClass.all {
          for partition in 0..<(1 << partitionBits) {
            unsafe cells[segments * units + runClass.index << partitionBits + partition] = Cell(
              spill: UInt64(index), segmentStart: UInt64(start),
              extent: directory[runClass, partition])
          }
        }
        segments += 1
        if segments == batchCapacity { try writeBatch(isLast: false) }
      }
    }
    try writeBatch(isLast: true)
    self.batches = batches
    self.segments = batches.reduce(0) { $0 + $1.segments }
    self.file = file
    self.held = held
  }

  /// The runs of a partition that hold records: first the main runs, then the outlier runs.
  ///
  /// Time: one read per batch and class. Memory: the list. Throws `SystemError`, and
  /// `SpillError.corrupt` if the file of the cells is too short.
  func runs(_ kind: RecordKind, _ partition: Int) throws -> [SortedRun] {
    var runs: [SortedRun] = []
    for runClass in SortedRunClass.all where runClass.kind == kind {
      try append(&runs, runClass, partition)
    }
    return runs
  }

  /// The runs of one class and partition that hold records. Throws the same errors.
  func runs(_ runClass: SortedRunClass, _ partition: Int) throws -> [SortedRun] {
    var runs: [SortedRun] = []
    try append(&runs, runClass, partition)
    return runs
  }

  private func append(
    _ runs: inout [SortedRun], _ runClass: SortedRunClass, _ partition: Int
  ) throws {
    let stride = MemoryLayout<Cell>.stride
    let unit = runClass.index << partitionBits + partition
    for batch in batches {
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: batch.segments * stride, alignment: 8)
      defer { unsafe memory.deallocate() }
      let offset = batch.offset + unit * memory.count
      if let file {
        let count = try unsafe file.read(into: memory, at: offset)

        guard count == memory.count else {
          throw SpillError.corrupt(path: file.path, offset: offset)
        }
      } else {
        unsafe memory.copyBytes(from: held[offset..<(offset + memory.count)])
      }
      for segment in 0..<batch.segments {
        let cell = unsafe memory.load(fromByteOffset: segment * stride, as: Cell.self)
        let run = SortedRun(
          cell.extent, runClass, partition, in: spills[Int(cell.spill)],
          segmentStart: Int(cell.segmentStart))
        if run.records > 0 { runs.append(run) }
      }
    }
  }
}
