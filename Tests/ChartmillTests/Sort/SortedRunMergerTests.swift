import Testing

@testable import ChartmillCore
@testable import ChartmillSynth
@testable import ChartmillSystem

@Suite struct SortedRunMergerTests {
  private struct Record: Comparable {
    var group: UInt64
    var item: UInt64
    var attribute: UInt64
    var count: UInt64

    static func < (left: Record, right: Record) -> Bool {
      (left.group, left.item, left.attribute, left.count)
        < (right.group, right.item, right.attribute, right.count)
    }
  }

  /// The streams of each group, item and attribute.
  private struct Streams: Equatable {
    private struct Key: Hashable {
      let group: UInt64
      let item: UInt64
      let attribute: UInt64
    }

    private var streams: [Key: UInt64] = [:]

    mutating func add(_ group: UInt64, _ item: UInt64, _ attribute: UInt64, _ count: UInt64) {
      streams[Key(group: group, item: item, attribute: attribute), default: 0] += count
    }
  }

  private static let runClass = SortedRunClass(kind: .user, isOutlier: false)
  private static let partition = 3

  /// Writes sorted runs to a file. Each run gets every `count`th record.
  private func write(_ records: [Record], runs count: Int, to file: File) throws -> [SortedRun] {
    let arena = try Arena(byteCount: Arena.byteCount(of: SortedRunWriter.Memory.init))
    var writer = SortedRunWriter(SortedRunWriter.Memory(in: arena), deflate: Deflate(), file: file)
    var extents: [SortedRunExtent] = []
    for index in 0..<count {
      writer.beginRun(Self.runClass, Self.partition)
      let part = Swift.stride(from: index, to: records.count, by: count).map { records[$0] }
      for record in part.sorted() {
        try writer.append(
          group: record.group, item: record.item, attribute: record.attribute, count: record.count)
      }
      extents.append(try writer.endRun())
    }
    try writer.flush()
    return extents.filter { $0.records > 0 }.map {
      SortedRun(
        $0, Self.runClass, Self.partition, in: SpillFile(file: file, end: Int.max), segmentStart: 0)
    }
  }

  /// Merges in `byteCount` bytes, checks that the records come in order, and returns the streams of
  /// each (group, item, attribute).
  private func merged<Key: RecordKey>(
    _: Key.Type, _ runs: [SortedRun], _ layout: KeyLayout, byteCount: Int,
    in folder: TemporaryFolder
  ) throws -> (streams: Streams, isSpilled: Bool) {
    let arena = try Arena(byteCount: 4 << 20)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount + 64, alignment: 64)
    let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: radixSortCounts)
    defer {
      memory.deallocate()
      counts.deallocate()
    }
    // The merger must not write beyond its memory.
    for index in byteCount..<(byteCount + 64) { memory[index] = 0xEE }
    let merger = SortedRunMerger<Key>(
      layout: layout, memory: UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount]),
      radixCounts: counts)
    var reader = SortedRunReader(SortedRunReader.Memory(in: arena), deflate: Deflate())
    var streams = Streams()
    var last: (UInt64, UInt64) = (0, 0)
    var isSpilled = false
    try merger.forEachSlice(
      of: runs, reader: &reader,
      spill: {
        isSpilled = true
        return try MergeSpill(
          SortedRunWriter.Memory(in: arena), deflate: Deflate(), folder: folder.path)
      },
      { slice throws in
        for key in slice.keys {
          let (group, item) = (slice.group(key), key.item(layout))
          if (group, item) < last { Issue.record("\((group, item)) after \(last)") }
          last = (group, item)
          streams.add(group, item, key.attribute(layout), key.count(layout))
        }
      })
    #expect(memory[byteCount...].allSatisfy { $0 == 0xEE })
    return (streams, isSpilled)
  }

  struct Shape: CustomTestStringConvertible, Sendable {
    let name: String
    let record: @Sendable (UInt64, inout RandomStream) -> (UInt64, UInt64)
    var testDescription: String { name }
  }

  static let shapes = [
    Shape(name: "random") { _, random in (random.next() % 5000, random.next() % 100_000) },
    Shape(name: "all equal") { _, _ in (5, 77) },
    Shape(name: "two keys") { index, _ in (5, index % 2) },
    Shape(name: "one group") { _, random in (0, random.next() % (1 << 24)) },
    Shape(name: "in order") { index, _ in (index / 100, index % 100) },
    Shape(name: "in reverse") { index, _ in ((1 << 22 - index) / 100, (1 << 22 - index) % 100) },
    Shape(name: "half equal") { index, random in
      index % 2 == 0 ? (2000, 50_000) : (random.next() % 5000, random.next() % 100_000)
    },
  ]

  /// Records out of order end a merge with an error. Only a bug or another program can have written
  /// them. Each block is valid, so that only the order is wrong.
  @Test(arguments: [[100, 5], [5, 100, 7], [1, 2, 3, 2]], [1, 3])
  func recordsOutOfOrderAreAnError(_ groups: [UInt64], runs count: Int) throws {
    let folder = try TemporaryFolder()
    let file = try File.create(folder.path(of: "runs"))
    let arena = try Arena(byteCount: Arena.byteCount(of: SortedRunWriter.Memory.init))
    var writer = SortedRunWriter(SortedRunWriter.Memory(in: arena), deflate: Deflate(), file: file)
    var runs: [SortedRunExtent] = []
    for _ in 0..<count {
      writer.beginRun(Self.runClass, Self.partition)
      for group in groups {
        for item in 0..<UInt64(SpillFormat.blockRecords) {
          try writer.append(group: group, item: item, attribute: 1, count: 1)
        }
      }
      runs.append(try writer.endRun())
    }
    try writer.flush()
    let spill = SpillFile(file: file, end: Int.max)
    let layout = KeyLayout(groupBits: 20, itemBits: 20, attributeBits: 8, countBits: 4)
    #expect {
      try merged(
        PackedKey.self,
        runs.map { SortedRun($0, Self.runClass, Self.partition, in: spill, segmentStart: 0) },
        layout,
        byteCount: 2 * SortedRunMerger<PackedKey>.minBytes, in: folder)
    } throws: { error in
      if case SpillError.corrupt = error { true } else { false }
    }
  }

  /// A delta that overflows gives a smaller key.
  @Test(arguments: [(UInt64(7), UInt64(3)), (7, 7)])
  func deltasThatOverflowAreAnError(_ first: UInt64, _ second: UInt64) throws {
    let folder = try TemporaryFolder()
    let file = try File.create(folder.path(of: "runs"))
    let arena = try Arena(byteCount: Arena.byteCount(of: SortedRunWriter.Memory.init))
    var writer = SortedRunWriter(SortedRunWriter.Memory(in: arena), deflate: Deflate(), file: file)
    writer.beginRun(Self.runClass, Self.partition)
    try writer.append(group: first, item: 9, attribute: 1, count: 1)
    try writer.append(group: second, item: 8, attribute: 1, count: 1)
    let extent = try writer.endRun()
    try writer.flush()
    var run = SortedRun(
      extent, Self.runClass, Self.partition, in: SpillFile(file: file, end: Int.max),
      segmentStart: 0)
    let memory = try Arena(byteCount: 4 << 20)
    var reader = SortedRunReader(SortedRunReader.Memory(in: memory), deflate: Deflate())
    let keys = UnsafeMutablePointer<WideKey>.allocate(capacity: SpillFormat.blockRecords)
    defer { keys.deallocate() }
    #expect(throws: SpillError.corrupt(path: file.path, offset: 0)) {
      try reader.readBlock(
        of: &run, into: keys,
        KeyLayout(groupBits: 64, itemBits: 64, attributeBits: 8, countBits: 4))
    }
    withExtendedLifetime(memory) {}
  }

  /// The records are more than a slice holds, and in some cases a run has several blocks.
  @Test(arguments: shapes, [1, 5, 40])
  func mergingGivesWhatSortingGives(_ shape: Shape, runs runCount: Int) throws {
    var random = RandomStream(seed: 6)
    let records = (0..<UInt64(runsSlowTests ? 150_000 : 40_000)).map { index in
      let (group, item) = shape.record(index, &random)
      return Record(
        group: group, item: item, attribute: random.next() % 3,
        count: 1 + random.next() % SpillFormat.maxCount)
    }
    var expected = Streams()
    for record in records {
      expected.add(record.group, record.item, record.attribute, record.count)
    }

    let folder = try TemporaryFolder()
    let file = try File.create(folder.path(of: "runs"))
    let runs = try write(records, runs: runCount, to: file)
    let layout = KeyLayout(groupBits: 24, itemBits: 24, attributeBits: 8, countBits: 4)
    // One layout has keys that hold the complete group. In the other, only a few keys have the same
    // prefix.
    var prefixed = layout
    prefixed.prefixBits = 16
    // With the minimum memory, few runs are merged at once, so 40 runs take several passes.
    for factor in [1, 2, 8] {
      try expectSorted(PackedKey.self, runs, layout, factor, expected, in: folder)
      try expectSorted(PackedKey.self, runs, prefixed, factor, expected, in: folder)
      try expectSorted(WideKey.self, runs, layout, factor, expected, in: folder)
    }
  }

  private func expectSorted<Key: RecordKey>(
    _ key: Key.Type, _ runs: [SortedRun], _ layout: KeyLayout, _ factor: Int, _ expected: Streams,
    in folder: TemporaryFolder
  ) throws {
    let byteCount = factor * SortedRunMerger<Key>.minBytes
    let result = try merged(key, runs, layout, byteCount: byteCount, in: folder)
    #expect(result.streams == expected)
    #expect(result.isSpilled == (runs.count > SortedRunMerger<Key>.fanIn(byteCount: byteCount)))
  }
}
