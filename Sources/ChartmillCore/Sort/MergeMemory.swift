internal import ChartmillSystem

/// The memory in which a worker merges sorted runs, and a spill file if that takes several passes.
package struct MergeMemory {
  /// The memory is divided into this many parts. One part holds the sorted outliers; the others
  /// hold blocks and slices.
  static let outlierShare = 12
  /// The minimum memory for records and outliers, in bytes. It sorts about 3,000 outliers at once.
  static var minRecordBytes: Int { 2 * SortedRunMerger<WideKey>.minBytes }

  /// The memory for records and outliers that merges `runs` sorted runs of packed keys in one pass,
  /// in bytes; at least `minRecordBytes`. Both parts are rounded down to cache lines, which the last
  /// 256 bytes allow for.
  static func byteCount(runs: Int) -> Int {
    max(
      minRecordBytes,
      SortedRunMerger<PackedKey>.byteCount(runs: runs) * outlierShare / (outlierShare - 1) + 256)
  }

  /// The parts of a fixed size.
  @safe struct FixedMemory {
    let radixCounts: UnsafeMutablePointer<UInt32>
    let writer: SortedRunWriter.Memory

    init(in arena: Arena) {
      unsafe radixCounts = unsafe arena.allocate(UInt32.self, radixSortCounts)
      writer = SortedRunWriter.Memory(in: arena)
    }
  }

  /// The memory for merging: all that is left of the arena.
  @safe struct Memory {
    let fixed: FixedMemory
    let records: UnsafeMutableRawBufferPointer
    let outliers: UnsafeMutableRawBufferPointer

    init(in arena: Arena, _ fixed: FixedMemory) {
      self.fixed = fixed
      let left = arena.rest(atLeast: minRecordBytes)
      unsafe outliers = unsafe arena.allocate(left / outlierShare & ~63)
      unsafe records = unsafe arena.allocate((left - outliers.count) & ~63)
    }
  }

  private let deflate: Deflate
  private let spillFolder: String
  private var made: MergeSpill?
  private let memory: Memory

  init(_ memory: Memory, deflate: Deflate, spillFolder: String) {
    self.memory = memory
    self.deflate = deflate
    self.spillFolder = spillFolder
  }

  /// A merger that works in the memory for records. Only one such merger may be in use at a time.
  func merger<Key: RecordKey>(_: Key.Type, _ layout: KeyLayout) -> SortedRunMerger<Key> {
    unsafe SortedRunMerger(
      layout: layout, memory: memory.records, radixCounts: memory.fixed.radixCounts)
  }

  /// A merger that works in the memory for outliers.
  func outlierMerger(_ layout: KeyLayout) -> SortedRunMerger<WideKey> {
    unsafe SortedRunMerger(
      layout: layout, memory: memory.outliers, radixCounts: memory.fixed.radixCounts)
  }

  /// An empty spill file for intermediate sorted runs, created on first use. Throws `SystemError`.
  mutating func spill() throws -> MergeSpill {
    let spill: MergeSpill
    if let made {
      spill = made
    } else {
      spill = try MergeSpill(memory.fixed.writer, deflate: deflate, folder: spillFolder)
      made = spill
    }
    spill.writer.seek(to: 0, of: spill.file)
    return spill
  }
}

/// The file of intermediate sorted runs. Each worker has one, and overwrites it for every
/// partition.
final class MergeSpill {
  let file: File
  var writer: SortedRunWriter

  init(_ memory: SortedRunWriter.Memory, deflate: Deflate, folder: String) throws {
    file = try File.createAnonymous(in: folder)
    writer = SortedRunWriter(memory, deflate: deflate, file: file)
  }
}
