/// One worker of the second phase, with its memory: charts one partition after another.
///
/// Time: about 25 ns a record. Memory: the slab.
struct ChartWorker {
  var reader: RunReader
  private(set) var totals = ChartTotals()

  private let slab: Slab
  private let deflate = Deflate()
  private let scheme: PartitionScheme
  private let countries: CountryList
  private let spillFolder: String
  private let countryCharts: CountryCharts
  private let mostLineBytes: Int
  private let radixCounts: UnsafeMutablePointer<UInt32>
  private let mergeMemory: UnsafeMutableRawPointer
  private let mergeBytes: Int
  private var mergeSpill: MergeSpill?

  private var parts: PartWriter
  private var top: TopSongs
  private var countryStreams: UnsafeMutablePointer<UInt64>

  /// The two files of the output.
  private static let chartFile = 0
  private static let countryFile = 1
  /// `user|CC\n`
  private static let mostCountryLineBytes = TextBuffer.mostDigits + 4

  /// Memory beside the merge's: what a partition's records are not in.
  static func fixedBytes(partitionBits: Int, top: Int) -> Int {
    RunReader.byteCount(partitionBits: partitionBits) + RunWriter.byteCount
      + radixSortCounts * MemoryLayout<UInt32>.stride + TopSongs.byteCount(limit: top)
      + CountryList.maximumCount * MemoryLayout<UInt64>.stride + 8 * 64
  }

  init(
    slab: Slab, scheme: PartitionScheme, countries: CountryList, top: Int, spillFolder: String,
    output: PartitionedOutput, countryCharts: CountryCharts
  ) {
    self.slab = slab
    self.scheme = scheme
    self.countries = countries
    self.spillFolder = spillFolder
    self.countryCharts = countryCharts
    mostLineBytes = TextBuffer.mostLineBytes(top: top)
    reader = RunReader(slab: slab, deflate: deflate, partitionBits: scheme.bits)
    radixCounts = slab.carve(UInt32.self, radixSortCounts)
    self.top = TopSongs(limit: top, memory: slab.carve(UInt64.self, 2 * top))
    countryStreams = slab.carve(UInt64.self, CountryList.maximumCount)
    countryStreams.update(repeating: 0, count: CountryList.maximumCount)
    // A quarter of what is left holds text; the rest, but for a run writer's, holds records.
    let text = (slab.remaining - RunWriter.byteCount) / 4
    let countryText = max(text / 10, 64 << 10)
    parts = PartWriter(
      output, slab: slab, capacities: [max(text - countryText, 2 * mostLineBytes), countryText],
      spillFolder: spillFolder)
    mergeBytes = slab.remaining - RunWriter.byteCount - 64
    mergeMemory = UnsafeMutableRawPointer(slab.carve(UInt8.self, mergeBytes))
  }

  /// Charts the partition whose records are `runs`.
  mutating func chart(_ kind: RecordKind, _ partition: Int, _ runs: [Run]) throws(JobError) {
    let majorUnion = runs.reduce(0) { $0 | $1.majorUnion }
    let minorUnion = runs.reduce(0) { $0 | $1.minorUnion }
    let layout = KeyLayout(
      majorBits: 64 - majorUnion.leadingZeroBitCount,
      minorBits: 64 - minorUnion.leadingZeroBitCount,
      tagBits: kind == .user ? 8 : 0, countBits: 4)
    if kind == .user { parts.begin(partition) }
    if runs.isEmpty {
    } else if layout.isPackable {
      try chart(kind, partition, runs, UInt64.self, layout)
    } else {
      try chart(kind, partition, runs, WideKey.self, layout)
    }
    if kind == .user { try parts.end() }
  }

  private mutating func chart<Key: RecordKey>(
    _ kind: RecordKind, _ partition: Int, _ runs: [Run], _: Key.Type, _ layout: KeyLayout
  ) throws(JobError) {
    let merger = RunMerger<Key>(
      kind: kind, partition: partition, layout: layout, memory: mergeMemory,
      byteCount: mergeBytes, radixCounts: radixCounts)
    var spill = mergeSpill
    let (slab, deflate, folder) = (slab, deflate, spillFolder)
    var reader = reader
    var group = Group()
    try merger.forEachSlice(
      of: runs, reader: &reader,
      spill: { () throws(JobError) in
        let made: MergeSpill
        if let spill {
          made = spill
        } else {
          made = try MergeSpill(slab: slab, deflate: deflate, folder: folder)
        }
        made.writer.seek(to: 0, of: made.file)
        spill = made
        return made
      }
    ) { keys, count throws(JobError) in
      switch kind {
      case .user: try chartUsers(partition, keys, count, layout, &group)
      case .country: try chartCountries(partition, keys, count, layout, &group)
      }
    }
    switch kind {
    case .user: try endUser(partition, &group)
    case .country: try endCountry(partition, &group)
    }
    self.reader = reader
    mergeSpill = spill
  }

  /// The user or country that is being read, and its song: slices may end inside of both.
  private struct Group {
    var isOpen = false
    var major: UInt64 = 0
    var minor: UInt64 = 0
    /// Of the song so far.
    var streams: UInt64 = 0
    /// The country of the user's records so far, and its streams, while there is only one.
    var tag: UInt64 = 0
    var tagStreams: UInt64 = 0
    /// Streams are in `countryStreams` instead: the user was in several countries.
    var hasSeveralTags = false
  }

  private mutating func chartUsers<Key: RecordKey>(
    _ partition: Int, _ keys: UnsafePointer<Key>, _ count: Int, _ layout: KeyLayout,
    _ group: inout Group
  ) throws(JobError) {
    var state = group
    var top = top
    for index in 0..<count {
      let key = keys[index]
      let major = key.major(layout)
      let minor = key.minor(layout)
      let tag = key.tag(layout)
      let streams = key.count(layout)
      if major == state.major, minor == state.minor, state.isOpen {
        state.streams &+= streams
      } else {
        if state.isOpen {
          top.insert(song: state.minor, streams: state.streams)
          if major != state.major {
            self.top = top
            try writeUser(partition, &state)
            top.removeAll()
          }
        }
        state.isOpen = true
        state.major = major
        state.minor = minor
        state.streams = streams
      }
      if tag == state.tag, !state.hasSeveralTags {
        state.tagStreams &+= streams
      } else {
        note(tag, streams, &state)
      }
    }
    self.top = top
    group = state
  }

  private mutating func note(_ tag: UInt64, _ streams: UInt64, _ group: inout Group) {
    if !group.hasSeveralTags {
      if group.tagStreams == 0 {
        group.tag = tag
        group.tagStreams = streams
        return
      }
      group.hasSeveralTags = true
      countryStreams[Int(group.tag)] = group.tagStreams
    }
    countryStreams[Int(tag)] += streams
  }

  private mutating func endUser(_ partition: Int, _ group: inout Group) throws(JobError) {
    guard group.isOpen else { return }
    top.insert(song: group.minor, streams: group.streams)
    try writeUser(partition, &group)
    top.removeAll()
  }

  /// Writes the two lines of a user whose songs are in `top`.
  private mutating func writeUser(_ partition: Int, _ group: inout Group) throws(JobError) {
    var country = group.tag
    var streams = group.tagStreams
    if group.hasSeveralTags {
      // The most streams; ties by the smaller index, which is alphabetical order.
      streams = 0
      var most: UInt64 = 0
      for index in 0..<CountryList.maximumCount {
        if countryStreams[index] > most {
          most = countryStreams[index]
          country = UInt64(index)
        }
        streams += countryStreams[index]
        countryStreams[index] = 0
      }
    }
    guard country < countries.count else {
      throw .corruptSpill(path: "user partition \(partition)", offset: 0)
    }
    totals.userStreams &+= streams
    group.tagStreams = 0
    group.hasSeveralTags = false
    let user = scheme.user(partition: UInt64(partition), quotient: group.major)
    let top = top
    try parts.appendLine(to: Self.chartFile, mostBytes: mostLineBytes) { line in
      line.append(decimal: user)
      line.append(UInt8(ascii: "|"))
      line.append(chart: top)
    }
    let letters = countries.letters(at: UInt8(truncatingIfNeeded: country))
    try parts.appendLine(to: Self.countryFile, mostBytes: Self.mostCountryLineBytes) { line in
      line.append(decimal: user)
      line.append(UInt8(ascii: "|"))
      line.append(letters.0)
      line.append(letters.1)
      line.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func chartCountries<Key: RecordKey>(
    _ partition: Int, _ keys: UnsafePointer<Key>, _ count: Int, _ layout: KeyLayout,
    _ group: inout Group
  ) throws(JobError) {
    var state = group
    var top = top
    let scheme = scheme
    for index in 0..<count {
      let key = keys[index]
      let major = key.major(layout)
      let minor = key.minor(layout)
      let streams = key.count(layout)
      if major == state.major, minor == state.minor, state.isOpen {
        state.streams &+= streams
        continue
      }
      if state.isOpen {
        totals.countryStreams &+= state.streams
        top.insert(
          song: scheme.song(
            partition: UInt64(partition), quotient: state.minor, country: state.major),
          streams: state.streams)
        if major != state.major {
          try merge(top, into: state.major, partition)
          top.removeAll()
        }
      }
      state.isOpen = true
      state.major = major
      state.minor = minor
      state.streams = streams
    }
    self.top = top
    group = state
  }

  private mutating func endCountry(_ partition: Int, _ group: inout Group) throws(JobError) {
    guard group.isOpen else { return }
    totals.countryStreams &+= group.streams
    top.insert(
      song: scheme.song(partition: UInt64(partition), quotient: group.minor, country: group.major),
      streams: group.streams)
    try merge(top, into: group.major, partition)
    top.removeAll()
  }

  private func merge(_ top: TopSongs, into country: UInt64, _ partition: Int) throws(JobError) {
    guard countryCharts.merge(country: Int(truncatingIfNeeded: country), top) else {
      throw .corruptSpill(path: "country partition \(partition)", offset: 0)
    }
  }
}
