package import ChartmillModel
package import ChartmillSystem

/// One worker of the second phase, with its memory: charts one partition after another.
///
/// Time: about 25 ns a record. Memory: the slab.
package struct ChartWorker {
  var reader: RunReader
  private var users: UserCharter
  private var countries: CountryCharter
  private var merge: MergeMemory

  /// Memory beside records and text.
  package static func fixedBytes(top: Int) -> Int {
    RunReader.byteCount + MergeMemory.fixedBytes
      + UserCharter.fixedBytes(top: top) + CountryCharter.fixedBytes(top: top) + 8 * 64
  }

  /// Runs of usual records a worker merges at once with such a slab.
  package static func fanIn(slabBytes: Int, top: Int) -> Int {
    let left = (slabBytes - fixedBytes(top: top)) / 2
    return RunMerger<UInt64>.fanIn(byteCount: left - left / MergeMemory.outlierShare)
  }

  package init(
    slab: Slab, scheme: PartitionScheme, countries: CountryList, top: Int, spillFolder: String,
    encoding: ChartEncoding, output: PartitionedOutput, countryCharts: CountryCharts
  ) {
    let deflate = Deflate()
    reader = RunReader(slab: slab, deflate: deflate)
    // Half of what is left holds text: a partition's, so that it need not wait in a file for its
    // turn. The other half holds the blocks of runs: more of them make fewer passes.
    let text = (slab.remaining - Self.fixedBytes(top: top)) / 2
    let mostEntryBytes = encoding.format.mostChartBytes(top: top)
    let least = PartWriter.leastCapacity(mostEntryBytes: mostEntryBytes)
    let countryText = max(text / 10, least)
    users = UserCharter(
      slab: slab, scheme: scheme, countries: countries, top: top, format: encoding.format,
      parts: PartWriter(
        output, slab: slab, capacities: [max(text - countryText, least), countryText],
        mostEntryBytes: mostEntryBytes, compression: encoding.compresses ? ZlibCompressor() : nil,
        spillFolder: spillFolder))
    self.countries = CountryCharter(slab: slab, scheme: scheme, top: top, charts: countryCharts)
    merge = MergeMemory(slab: slab, deflate: deflate, spillFolder: spillFolder)
  }

  /// Streams counted so far.
  package var totals: ChartTotals {
    ChartTotals(
      userStreams: users.streams, countryStreams: countries.streams,
      usersByStreams: users.usersByStreams)
  }

  /// Charts the partition whose records are `runs`.
  package mutating func chart(_ kind: RecordKind, _ partition: Int, _ runs: [Run]) throws {
    switch kind {
    case .user:
      users.begin(partition)
      try Self.chart(runs, tagBits: 8, &merge, &reader, &users)
    case .country:
      countries.begin(partition)
      try Self.chart(runs, tagBits: 0, &merge, &reader, &countries)
    }
  }

  private static func chart(
    _ runs: [Run], tagBits: Int, _ merge: inout MergeMemory, _ reader: inout RunReader,
    _ charter: inout some Charter
  ) throws {
    let usual = runs.filter { !$0.runClass.isOutlier }
    let outliers = runs.filter { $0.runClass.isOutlier }
    let layout = KeyLayout(covering: usual, tagBits: tagBits)
    let wideLayout = KeyLayout(covering: runs, tagBits: tagBits)
    let outlierMerger = merge.outlierMerger(wideLayout)
    if layout.isPackable, outlierMerger.fits(outliers.reduce(0) { $0 + $1.records }) {
      let sortedOutliers = try outlierMerger.sortAtOnce(outliers, reader: &reader)
      try chart(
        usual, merge.merger(UInt64.self, layout), sortedOutliers, &merge, &reader, &charter)
    } else {
      // Most ids are wide: all records are, and there are no outliers.
      try chart(
        runs, merge.merger(WideKey.self, wideLayout), UnsafeBufferPointer(start: nil, count: 0),
        &merge, &reader, &charter)
    }
    try charter.end()
  }

  /// Reads all records of `runs` and `outliers` in order.
  private static func chart<Key: RecordKey>(
    _ runs: [Run], _ merger: RunMerger<Key>, _ outliers: UnsafeBufferPointer<WideKey>,
    _ merge: inout MergeMemory, _ reader: inout RunReader, _ charter: inout some Charter
  ) throws {
    let layout = merger.layout
    var rest = outliers[...]
    if !runs.isEmpty {
      try merger.forEachSlice(
        of: runs, reader: &reader, spill: { try merge.spill() },
        { keys throws in
          for key in keys {
            let (major, minor) = (key.major(layout), key.minor(layout))
            while let outlier = rest.first,
              (outlier.majorField, outlier.minorField) < (major, minor)
            {
              try charter.add(outlier)
              rest.removeFirst()
            }
            try charter.add(
              major: major, minor: minor, tag: key.tag(layout), streams: key.count(layout))
          }
        })
    }
    for outlier in rest { try charter.add(outlier) }
  }
}

extension Charter {
  fileprivate mutating func add(_ key: WideKey) throws {
    try add(
      major: key.majorField, minor: key.minorField, tag: UInt64(key.tagField),
      streams: UInt64(key.countField))
  }
}
