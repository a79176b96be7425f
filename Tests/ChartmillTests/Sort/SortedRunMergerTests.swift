import Testing

@testable import ChartmillCore
@testable import ChartmillSynth
@testable import ChartmillSystem

@Suite struct SortedRunMergerTests {
  private struct Record: Comparable {
    var major: UInt64
    var minor: UInt64
    var tag: UInt64
    var count: UInt64

    static func < (left: Record, right: Record) -> Bool {
      (left.major, left.minor, left.tag, left.count)
        < (right.major, right.minor, right.tag, right.count)
    }
  }

  private static let runClass = SortedRunClass(kind: .user, isOutlier: false)
  private static let partition = 3

  /// Writes sorted runs to a file. Each gets every `count`th record.
  private func write(_ records: [Record], runs count: Int, to file: File) throws -> [SortedRun] {
    let arena = try Arena(byteCount: Arena.byteCount(of: SortedRunWriter.Memory.init))
    var writer = SortedRunWriter(SortedRunWriter.Memory(in: arena), deflate: Deflate(), file: file)
    var extents: [SortedRunExtent] = []
    for index in 0..<count {
      writer.beginRun(Self.runClass, Self.partition)
      let part = Swift.stride(from: index, to: records.count, by: count).map { records[$0] }
      for record in part.sorted() {
        try writer.append(
          major: record.major, minor: record.minor, tag: record.tag, count: record.count)
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
  /// each (major, minor, tag).
  private func merged<Key: RecordKey>(
    _: Key.Type, _ runs: [SortedRun], _ layout: KeyLayout, byteCount: Int,
    in folder: TemporaryFolder
  ) throws -> (records: [Record], isSpilled: Bool) {
    let arena = try Arena(byteCount: 4 << 20)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount + 64, alignment: 64)
    let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: radixSortCounts)
    defer {
      memory.deallocate()
      counts.deallocate()
    }
    // The merger must not write after its memory.
    for index in byteCount..<(byteCount + 64) { memory[index] = 0xEE }
    let merger = SortedRunMerger<Key>(
      layout: layout, memory: UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount]),
      radixCounts: counts)
    var reader = SortedRunReader(SortedRunReader.Memory(in: arena), deflate: Deflate())
    var streams: [[UInt64]: UInt64] = [:]
    var last: (UInt64, UInt64) = (0, 0)
    var isSpilled = false
    try merger.forEachSlice(
      of: runs, reader: &reader,
      spill: {
        isSpilled = true
        return try MergeSpill(
          SortedRunWriter.Memory(in: arena), deflate: Deflate(), folder: folder.path)
      },
      { keys throws in
        for key in keys {
          let (major, minor) = (key.major(layout), key.minor(layout))
          if (major, minor) < last { Issue.record("\((major, minor)) after \(last)") }
          last = (major, minor)
          streams[[major, minor, key.tag(layout)], default: 0] += key.count(layout)
        }
      })
    #expect(memory[byteCount...].allSatisfy { $0 == 0xEE })
    let records = streams.map {
      Record(major: $0.key[0], minor: $0.key[1], tag: $0.key[2], count: $0.value)
    }
    return (records.sorted(), isSpilled)
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
    Shape(name: "one major") { _, random in (0, random.next() % (1 << 24)) },
    Shape(name: "in order") { index, _ in (index / 100, index % 100) },
    Shape(name: "in reverse") { index, _ in ((1 << 22 - index) / 100, (1 << 22 - index) % 100) },
    Shape(name: "half equal") { index, random in
      index % 2 == 0 ? (2000, 50_000) : (random.next() % 5000, random.next() % 100_000)
    },
  ]

  /// Records out of order end a merge with an error. Only a defect or another program can have
  /// written them. Each block is valid, so that only the order is wrong.
  @Test(arguments: [[100, 5], [5, 100, 7], [1, 2, 3, 2]], [1, 3])
  func recordsOutOfOrderAreAnError(_ majors: [UInt64], runs count: Int) throws {
    let folder = try TemporaryFolder()
    let file = try File.create(folder.path(of: "runs"))
    let arena = try Arena(byteCount: Arena.byteCount(of: SortedRunWriter.Memory.init))
    var writer = SortedRunWriter(SortedRunWriter.Memory(in: arena), deflate: Deflate(), file: file)
    var runs: [SortedRunExtent] = []
    for _ in 0..<count {
      writer.beginRun(Self.runClass, Self.partition)
      for major in majors {
        for minor in 0..<UInt64(SpillFormat.blockRecords) {
          try writer.append(major: major, minor: minor, tag: 1, count: 1)
        }
      }
      runs.append(try writer.endRun())
    }
    try writer.flush()
    let spill = SpillFile(file: file, end: Int.max)
    let layout = KeyLayout(majorBits: 20, minorBits: 20, tagBits: 8, countBits: 4)
    #expect {
      try merged(
        PackedKey.self,
        runs.map { SortedRun($0, Self.runClass, Self.partition, in: spill, segmentStart: 0) },
        layout,
        byteCount: 2 * SortedRunMerger<PackedKey>.leastBytes, in: folder)
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
    try writer.append(major: first, minor: 9, tag: 1, count: 1)
    try writer.append(major: second, minor: 8, tag: 1, count: 1)
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
        KeyLayout(majorBits: 64, minorBits: 64, tagBits: 8, countBits: 4))
    }
    withExtendedLifetime(memory) {}
  }

  @Test(arguments: shapes, [1, 5, 40])
  func mergingGivesWhatSortingGives(_ shape: Shape, runs runCount: Int) throws {
    var random = RandomStream(seed: 6)
    let records = (0..<UInt64(150_000)).map { index in
      let (major, minor) = shape.record(index, &random)
      return Record(
        major: major, minor: minor, tag: random.next() % 3,
        count: 1 + random.next() % SpillFormat.mostCount)
    }
    var streams: [[UInt64]: UInt64] = [:]
    for record in records {
      streams[[record.major, record.minor, record.tag], default: 0] += record.count
    }
    let expected = streams.map {
      Record(major: $0.key[0], minor: $0.key[1], tag: $0.key[2], count: $0.value)
    }.sorted()

    let folder = try TemporaryFolder()
    let file = try File.create(folder.path(of: "runs"))
    let runs = try write(records, runs: runCount, to: file)
    let layout = KeyLayout(majorBits: 24, minorBits: 24, tagBits: 8, countBits: 4)
    // In the minimum of memory few runs are merged at once, so 40 take several passes.
    for factor in [1, 2, 8] {
      try expectSorted(PackedKey.self, runs, layout, factor, expected, in: folder)
      try expectSorted(WideKey.self, runs, layout, factor, expected, in: folder)
    }
  }

  private func expectSorted<Key: RecordKey>(
    _ key: Key.Type, _ runs: [SortedRun], _ layout: KeyLayout, _ factor: Int, _ expected: [Record],
    in folder: TemporaryFolder
  ) throws {
    let byteCount = factor * SortedRunMerger<Key>.leastBytes
    let result = try merged(key, runs, layout, byteCount: byteCount, in: folder)
    #expect(result.records == expected)
    #expect(result.isSpilled == (runs.count > SortedRunMerger<Key>.fanIn(byteCount: byteCount)))
  }
}
