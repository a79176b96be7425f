internal import ChartmillSystem

/// Makes charts from the records of a country partition, and merges them into the job's charts.
///
/// Time: a few ns per record. Memory: one chart.
struct CountryChartBuilder: ChartBuilder {
  private(set) var streams: UInt64 = 0

  private let scheme: PartitionScheme
  private let charts: CountryCharts
  private var partition: UInt64 = 0

  // The country and the song that are being read: the group and the item of the last record.
  private var isOpen = false
  private var group: UInt64 = 0
  private var item: UInt64 = 0
  private var songStreams: UInt64 = 0
  /// The streams of the country's songs so far, without the current one.
  private var countryStreams: UInt64 = 0
  private var top: TopSongs

  init(_ top: TopSongs, scheme: PartitionScheme, charts: CountryCharts) {
    self.scheme = scheme
    self.charts = charts
    self.top = top
  }

  mutating func begin(_ partition: Int) {
    self.partition = UInt64(partition)
  }

  @inline(__always)
  mutating func add(group: UInt64, item: UInt64, attribute: UInt64, streams: UInt64) throws {
    if isOpen, group == self.group, item == self.item {
      songStreams &+= streams
      return
    }
    if isOpen {
      endSong()
      if group != self.group { try endCountry() }
    }
    isOpen = true
    self.group = group
    self.item = item
    songStreams = streams
  }

  mutating func end() throws {
    guard isOpen else { return }
    endSong()
    try endCountry()
    isOpen = false
  }

  @inline(__always)
  private mutating func endSong() {
    streams &+= songStreams
    countryStreams &+= songStreams
    // Most songs of a large country have too few streams for its chart.
    if unsafe top.count < top.limit || songStreams >= top.streams[top.count &- 1] {
      top.insert(
        song: scheme.song(partition: partition, quotient: item, country: group),
        streams: songStreams)
    }
  }

  private mutating func endCountry() throws {
    let country = Int(truncatingIfNeeded: group)
    guard charts.merge(country: country, top), charts.add(countryStreams, to: country) else {
      throw SpillError.corrupt(path: "country partition \(partition)", offset: 0)
    }
    top.removeAll()
    countryStreams = 0
  }
}
