import Testing

@testable import ChartmillReader
@testable import ChartmillSynth

/// A `RecordSort` gives the distinct records in order, however often its memory is full.
@Suite struct RecordSortTests {
  @Test(arguments: [0, 1, 4, 5, 6, 100, 300], [2, 3, 4])
  func sortsInATinyMemory(count: Int, maxRuns: Int) throws {
    let folder = try TemporaryFolder()
    for seed in UInt64(1)...4 {
      var random = RandomStream(seed: seed)
      let range = [UInt64(count) + 1, UInt64(1) << 63][Int(seed % 2)]
      let records = (0..<count).map { _ in random.next() % range }
      let sort = try RecordSort<UInt64>(capacity: 5, maxRuns: maxRuns, folder: folder.path)
      for record in records { try sort.append(record) }
      var sorted: [UInt64] = []
      while let record = try sort.next() { sorted.append(record) }
      #expect(sorted == Set(records).sorted(), "seed \(seed)")
      #expect(sort.repeated == count - sorted.count, "seed \(seed)")
      #expect(try sort.next() == nil)
      // The spill file has no name.
      #expect(try folder.names() == [])
    }
  }

  @Test func aFolderThatDoesNotExistIsReportedWhenItIsNeeded() throws {
    let sort = try RecordSort<UInt64>(capacity: 3, maxRuns: 2, folder: "/nowhere")
    for record in UInt64(0)..<3 { try sort.append(record) }
    #expect(throws: (any Error).self) { try sort.append(3) }
  }
}
