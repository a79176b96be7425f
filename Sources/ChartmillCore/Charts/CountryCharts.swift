package import ChartmillModel
internal import ChartmillSystem

/// The charts of all countries, merged from the charts of each country partition. All rows with the
/// same song and country are in one partition, so the merge is exact.
///
/// Memory: at most `countries × top × 16` bytes, allocated when a country first appears.
package final class CountryCharts: @unchecked Sendable {
  // Unchecked: the charts are touched under the monitor, or while no worker runs.
  private let monitor = Monitor()
  private let top: Int
  private var charts: [TopSongs?]
  private var streams: [UInt64]

  package init(countries: Int, top: Int) {
    self.top = top
    charts = Array(repeating: nil, count: countries)
    streams = Array(repeating: 0, count: countries)
  }

  deinit {
    for case let chart? in charts { unsafe chart.songs.deallocate() }
  }

  /// The maximum memory, in bytes.
  package static func byteCount(countries: Int, top: Int) -> Int {
    countries * TopSongs.byteCount(limit: top)
  }

  /// Merges the chart of a partition into the chart of a country, given by its index. Returns false
  /// if the job does not have the country.
  package func merge(country: Int, _ local: borrowing TopSongs) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    guard charts.indices.contains(country) else { return false }
    if charts[country] == nil {
      charts[country] = unsafe TopSongs(limit: top, memory: .allocate(capacity: 2 * top))
    }
    for place in 0..<local.count {
      unsafe charts[country]?.insert(song: local.songs[place], streams: local.streams[place])
    }
    return true
  }

  /// The countries that have streams, in the order of their indices, with their charts.
  package var present: [(country: UInt8, chart: TopSongs)] {
    charts.enumerated().compactMap { index, chart in
      chart.map { (country: UInt8(index), chart: $0) }
    }
  }

  /// Adds streams to a country, including those of songs that are not in its chart. Returns false
  /// if the job does not have the country.
  package func add(_ newStreams: UInt64, to country: Int) -> Bool {
    monitor.withLock {
      guard streams.indices.contains(country) else { return false }
      streams[country] &+= newStreams
      return true
    }
  }

  /// All streams of each country that has any. A country can have more streams than its chart
  /// lists.
  package func streamsByCountry(_ countries: CountryList) -> [Manifest.CountryStreams] {
    streams.enumerated().filter { $0.element > 0 }.map { index, streams in
      .init(country: countries.code(at: UInt8(index)), streams: Int(streams))
    }
  }
}
