package import ChartmillSystem

/// Where the runs of each partition lie in a set of spill files.
///
/// Segments list their runs in the order they were written: a partition's are one in each segment.
/// Reading every directory again for every partition would be quadratic in the partitions, so all
/// directories are read once, and their entries put in the order of partitions: in memory while they
/// are few, else in a file without a name.
///
/// Time: that of reading each directory once; then one read per partition and batch of segments.
/// Memory: that of the arena while it is made; then up to `maxHeldBytes`, and 16 bytes for each batch.
package final class SortedRunIndex: Sendable {
  /// One run of a segment. Runs without records are listed as well, so that places can be computed.
  fileprivate struct Cell: BitwiseCopyable {
    /// The place of the file among the spills.
    var spill: UInt64
    /// Where the segment begins.
    var segmentStart: UInt64
    var extent: SortedRunExtent
  }

  /// Segments whose cells lie together: class by class, partition by partition, segment by segment.
  private struct Batch: Sendable {
    var offset: Int
    var segments: Int
  }

  /// Entries of this size stay in memory.
  private static let maxHeldBytes = 256 << 10

  private let spills: [SpillFile]
  private let partitionBits: Int
  private let batches: [Batch]
  /// Where the cells are: in memory, if there is no file.
  private let file: File?
  private let held: [UInt8]

  /// What an index is made in: nothing of it is needed afterwards.
  @safe package struct Memory {
    let directory: UnsafeMutableRawBufferPointer
    let piece: UnsafeMutableRawBufferPointer
    /// The directories of so many segments at once.
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
  /// Throws `SpillError.corrupt` for a directory that is damaged; `SystemError`.
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
    self.file = file
    self.held = held
  }

  /// The runs of a partition that hold records, the usual ones of each batch before its outliers.
  ///
  /// Time: one read for each batch and class. Memory: that of the list.
  func runs(_ kind: RecordKind, _ partition: Int) throws -> [SortedRun] {
    var runs: [SortedRun] = []
    for runClass in SortedRunClass.all where runClass.kind == kind {
      try append(&runs, runClass, partition)
    }
    return runs
  }

  /// The runs of one class of a partition that hold records.
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
