package import ChartmillSystem

/// What a worker merges in: memory for records, and a spill file should it need several passes.
package struct MergeMemory {
  /// A small share holds the sorted outliers beside the slices.
  static let outlierShare = 12
  static let fixedBytes =
    RunWriter.byteCount + radixSortCounts * MemoryLayout<UInt32>.stride + 3 * 64

  /// The smallest memory for records: a twelfth of it is still enough to sort a block of outliers.
  package static var minBytes: Int { 2 * RunMerger<WideKey>.leastBytes }

  private let slab: Slab
  private let deflate: Deflate
  private let spillFolder: String
  private var made: MergeSpill?
  private let radixCounts: UnsafeMutablePointer<UInt32>
  private let records: UnsafeMutableRawBufferPointer
  private let outliers: UnsafeMutableRawBufferPointer

  /// Takes all that is left of `slab` but a run writer's share.
  init(slab: Slab, deflate: Deflate, spillFolder: String) {
    self.slab = slab
    self.deflate = deflate
    self.spillFolder = spillFolder
    radixCounts = slab.carve(UInt32.self, radixSortCounts)
    let left = (slab.remaining - RunWriter.byteCount) & ~127
    outliers = slab.carve(left / Self.outlierShare & ~63)
    records = slab.carve(left - outliers.count - 64)
  }

  func merger<Key: RecordKey>(_: Key.Type, _ layout: KeyLayout) -> RunMerger<Key> {
    RunMerger(layout: layout, memory: records, radixCounts: radixCounts)
  }

  func outlierMerger(_ layout: KeyLayout) -> RunMerger<WideKey> {
    RunMerger(layout: layout, memory: outliers, radixCounts: radixCounts)
  }

  /// An empty spill file for runs of runs; made when first needed.
  mutating func spill() throws -> MergeSpill {
    let spill: MergeSpill
    if let made {
      spill = made
    } else {
      spill = try MergeSpill(slab: slab, deflate: deflate, folder: spillFolder)
      made = spill
    }
    spill.writer.seek(to: 0, of: spill.file)
    return spill
  }
}

extension KeyLayout {
  /// The narrowest for all records of `runs`, with counts.
  init(covering runs: [Run], tagBits: Int) {
    let majorUnion = runs.reduce(0) { $0 | $1.majorUnion }
    let minorUnion = runs.reduce(0) { $0 | $1.minorUnion }
    self.init(
      majorBits: 64 - majorUnion.leadingZeroBitCount,
      minorBits: 64 - minorUnion.leadingZeroBitCount, tagBits: tagBits, countBits: 4)
  }
}
