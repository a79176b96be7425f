internal import ChartmillSystem

/// What a worker merges in: memory for records, and a spill file should it need several passes.
package struct MergeMemory {
  /// A small share holds the sorted outliers beside the slices.
  static let outlierShare = 12
  /// The smallest memory for records: a twelfth of it is still enough to sort a block of outliers.
  static var minRecordBytes: Int { 2 * SortedRunMerger<WideKey>.minBytes }

  /// The parts whose size does not depend on the memory there is.
  @safe struct FixedMemory {
    let radixCounts: UnsafeMutablePointer<UInt32>
    let writer: SortedRunWriter.Memory

    init(in arena: Arena) {
      unsafe radixCounts = unsafe arena.allocate(UInt32.self, radixSortCounts)
      writer = SortedRunWriter.Memory(in: arena)
    }
  }

  /// What a worker merges in: all that is left of the arena.
  @safe struct Memory {
    let fixed: FixedMemory
    let records: UnsafeMutableRawBufferPointer
    let outliers: UnsafeMutableRawBufferPointer

    init(in arena: Arena, _ fixed: FixedMemory, minRecordBytes: Int = MergeMemory.minRecordBytes) {
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

  func merger<Key: RecordKey>(_: Key.Type, _ layout: KeyLayout) -> SortedRunMerger<Key> {
    unsafe SortedRunMerger(
      layout: layout, memory: memory.records, radixCounts: memory.fixed.radixCounts)
  }

  func outlierMerger(_ layout: KeyLayout) -> SortedRunMerger<WideKey> {
    unsafe SortedRunMerger(
      layout: layout, memory: memory.outliers, radixCounts: memory.fixed.radixCounts)
  }

  /// An empty spill file for runs of runs; made when first needed.
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

/// Where runs of runs are written: one file a worker, used again for every partition.
final class MergeSpill {
  let file: File
  var writer: SortedRunWriter

  init(_ memory: SortedRunWriter.Memory, deflate: Deflate, folder: String) throws {
    file = try File.createAnonymous(in: folder)
    writer = SortedRunWriter(memory, deflate: deflate, file: file)
  }
}
