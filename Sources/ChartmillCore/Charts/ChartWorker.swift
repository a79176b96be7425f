package import ChartmillModel
package import ChartmillSystem

/// A worker of the second phase, which charts one partition after another.
///
/// Time: about 25 ns per record. Memory: the arena.
package struct ChartWorker {
  /// Owns the memory that the other properties use.
  private let arena: Arena
  var reader: SortedRunReader
  private var users: UserChartBuilder
  private var countries: CountryChartBuilder
  private var merge: MergeMemory

  /// The memory of a worker: all that is left of the arena.
  package struct Memory {
    let reader: SortedRunReader.Memory
    let users: UserChartBuilder.Memory
    let countries: TopSongs
    let userParts: [PartWriter.Memory]
    let merge: MergeMemory.Memory

    /// - Parameter runs: the number of sorted runs that a partition has at most.
    package init(in arena: Arena, top: Int, encoding: ChartEncoding, runs: Int) {
      reader = SortedRunReader.Memory(in: arena)
      users = UserChartBuilder.Memory(in: arena, top: top)
      countries = TopSongs(limit: top, in: arena)
      let fixedMerge = MergeMemory.FixedMemory(in: arena)
      // Half of the rest holds text, so that the text of a partition rarely has to be moved to a
      // file until its turn comes. If the other half is too small for a block of each sorted run,
      // text gives up what they need, down to an eighth: moving text twice takes less time than
      // merging records twice.
      let minText = PartWriter.minByteCount(
        maxEntryBytes: encoding.format.maxChartBytes(top: top))
      let rest = arena.rest(atLeast: MergeMemory.minRecordBytes + 2 * minText)
      let text = max(min(rest / 2, rest - MergeMemory.byteCount(runs: runs)), rest / 8, 2 * minText)
      let countryText = max(text / 10 & ~63, minText)
      userParts = [(text - countryText) & ~63, countryText].map {
        PartWriter.Memory(in: arena, byteCount: $0, compresses: encoding.compresses)
      }
      merge = MergeMemory.Memory(in: arena, fixedMerge)
    }

    /// The maximum number of sorted runs with packed keys that are merged at once.
    package var fanIn: Int {
      unsafe SortedRunMerger<PackedKey>.fanIn(byteCount: merge.records.count)
    }
  }

  /// - Parameter runs: the number of sorted runs that a partition has at most. If it has more, all
  ///   are charted, perhaps in more passes than necessary.
  package init(
    in arena: Arena, runs: Int, scheme: PartitionScheme, countries: CountryList, top: Int,
    spillFolder: String, encoding: ChartEncoding, output: PartitionedOutput,
    countryCharts: CountryCharts
  ) {
    self.arena = arena
    let memory = Memory(in: arena, top: top, encoding: encoding, runs: runs)
    let deflate = Deflate()
    reader = SortedRunReader(memory.reader, deflate: deflate)
    users = UserChartBuilder(
      memory.users, scheme: scheme, countries: countries, format: encoding.format,
      parts: PartWriter(
        output, memory.userParts, maxEntryBytes: encoding.format.maxChartBytes(top: top),
        compression: encoding.compresses ? ZlibCompressor() : nil, spillFolder: spillFolder))
    self.countries = CountryChartBuilder(memory.countries, scheme: scheme, charts: countryCharts)
    merge = MergeMemory(memory.merge, deflate: deflate, spillFolder: spillFolder)
  }

  /// The totals of the partitions charted so far.
  package var totals: ChartTotals {
    ChartTotals(
      userStreams: users.streams, countryStreams: countries.streams,
      usersByStreams: users.usersByStreams)
  }

  /// Charts the partition whose records are in `runs`.
  ///
  /// Throws `SpillError.corrupt`, `SystemError` and `Interrupted`.
  package mutating func chart(_ kind: RecordKind, _ partition: Int, _ runs: [SortedRun]) throws {
    switch kind {
    case .user:
      users.begin(partition)
      try Self.chart(runs, of: kind, &merge, &reader, &users)
    case .country:
      countries.begin(partition)
      try Self.chart(runs, of: kind, &merge, &reader, &countries)
    }
  }

  private static func chart(
    _ runs: [SortedRun], of kind: RecordKind, _ merge: inout MergeMemory,
    _ reader: inout SortedRunReader,
    _ builder: inout some ChartBuilder
  ) throws {
    let mainRuns = runs.filter { !$0.runClass.isOutlier }
    let outlierRuns = runs.filter { $0.runClass.isOutlier }
    let layout = KeyLayout(covering: mainRuns, of: kind)
    let wideLayout = KeyLayout(covering: runs, of: kind, isWide: true)
    let outlierMerger = merge.outlierMerger(wideLayout)
    if layout.isPackable, outlierMerger.fits(outlierRuns.reduce(0) { $0 + $1.records }) {
      let sortedOutliers = try unsafe outlierMerger.sortAtOnce(outlierRuns, reader: &reader)
      try unsafe chart(
        mainRuns, merge.merger(PackedKey.self, layout), sortedOutliers, &merge, &reader, &builder)
    } else {
      // If the records of the main runs do not fit packed keys, or the outliers do not fit their
      // memory, all keys are wide.
      try unsafe chart(
        runs, merge.merger(WideKey.self, wideLayout), UnsafeBufferPointer(start: nil, count: 0),
        &merge, &reader, &builder)
    }
    try builder.end()
  }

  /// Gives all records of `runs` and `outliers` to `builder`, in order.
  private static func chart<Key: RecordKey>(
    _ runs: [SortedRun], _ merger: SortedRunMerger<Key>, _ outliers: UnsafeBufferPointer<WideKey>,
    _ merge: inout MergeMemory, _ reader: inout SortedRunReader, _ builder: inout some ChartBuilder
  ) throws {
    let layout = merger.layout
    var rest = unsafe outliers[...]
    if !runs.isEmpty {
      try merger.forEachSlice(
        of: runs, reader: &reader, spill: { try merge.spill() },
        { slice in
          for index in 0..<slice.count {
            let key = slice[index]
            let (group, item) = (slice.group(key), key.item(layout))
            while let outlier = unsafe rest.first,
              (outlier.groupField, outlier.itemField) < (group, item)
            {
              try builder.add(outlier)
              unsafe rest.removeFirst()
            }
            try builder.add(
              group: group, item: item, attribute: key.attribute(layout), streams: key.count(layout)
            )
          }
        })
    }
    for index in unsafe rest.indices { try builder.add(unsafe rest[index]) }
  }
}

extension ChartBuilder {
  fileprivate mutating func add(_ key: WideKey) throws {
    try add(
      group: key.groupField, item: key.itemField, attribute: UInt64(key.attributeField),
      streams: UInt64(key.countField))
  }
}
