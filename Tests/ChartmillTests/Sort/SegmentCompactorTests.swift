import Testing

@testable import ChartmillCore
@testable import ChartmillSystem

@Suite struct SegmentCompactorTests {
  /// Compacting gives one segment with all rows, however many workers share the partitions, even if
  /// there are more workers than partitions.
  @Test(arguments: [1, 2, 5])
  func manySegmentsBecomeOne(workers: Int) throws {
    let rows = SpillFixture.randomRows(
      120_000, seed: 5, users: 500, songs: 300, outlierIn: 100)
    let spill = try SpillFixture(rows, partitions: 2, arenaBytes: 4 << 20)
    let arenas = try (0..<workers).map { _ in
      try Arena(byteCount: Arena.byteCount(of: SegmentCompactor.Memory.init))
    }
    let source = spill.spillFile
    #expect(try streamsOfSegments(source, spill.scheme).count > 2)
    let compacted = try SegmentCompactor.compact(
      [source], streams: rows.count, scheme: spill.scheme, arenas: arenas,
      spillFolder: spill.folder.path, whileWaiting: {})
    #expect(try streamsOfSegments(compacted, spill.scheme) == [UInt64(rows.count)])
    try SpillFixture.expect(compacted, spill.scheme, toHold: rows)
  }

  /// A damaged segment ends the work of all workers with an error.
  @Test func damageIsAnError() throws {
    let rows = SpillFixture.randomRows(60_000, seed: 6, users: 500, songs: 300)
    let spill = try SpillFixture(rows, partitions: 16, arenaBytes: 4 << 20)
    try [0xFF].withUnsafeBytes { try spill.file.write($0, at: spill.spilledBytes - 20) }
    let arenas = try (0..<2).map { _ in
      try Arena(byteCount: Arena.byteCount(of: SegmentCompactor.Memory.init))
    }
    #expect {
      try SegmentCompactor.compact(
        [spill.spillFile], streams: rows.count, scheme: spill.scheme, arenas: arenas,
        spillFolder: spill.folder.path, whileWaiting: {})
    } throws: { error in
      if case SpillError.corrupt = error { true } else { false }
    }
  }

  private func streamsOfSegments(_ spill: SpillFile, _ scheme: PartitionScheme) throws -> [UInt64] {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: SegmentDirectory.workBytes(partitionBits: scheme.bits), alignment: 64)
    defer { memory.deallocate() }
    var streams: [UInt64] = []
    try SegmentDirectory.forEach(
      in: spill, partitionBits: scheme.bits, memory: memory, Deflate()
    ) { directory, _ in streams.append(directory.streams) }
    return streams
  }
}
