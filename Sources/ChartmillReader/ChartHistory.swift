internal import ChartmillCore
package import ChartmillModel

/// The best rank of songs in earlier charts of the same folder, and on how many dates they were in
/// the chart.
///
/// Every date of the folder up to the date of a lookup counts, if its charts have the same `top`:
/// in a shorter chart a song could be missing, and in a longer one it could be too low for this one.
/// Dates that another version of Chartmill published are left out.
///
/// Time: that of one lookup per date. Memory: 16 bytes per song, and one manifest at a time.
package struct ChartHistory: Sendable {
  /// What is known about a song in one chart.
  package struct Record: Sendable, Equatable {
    /// The best rank, from 1.
    package let peak: Int
    /// The number of dates on which the song was in the chart.
    package let days: Int
  }

  /// A song of a chart, in 16 bytes.
  private struct Entry {
    let song: UInt64
    var peak: UInt32
    var days: UInt32
  }

  /// The songs of each country's chart, ordered by id; those of a user's chart under nil.
  private var entries: [CountryCode?: [Entry]] = [:]
  /// The first date that counts.
  package private(set) var first: Day
  /// The last date that counts, the date of the lookup.
  package let last: Day
  /// The number of dates that count.
  package private(set) var dates = 0
  /// The number of dates whose windows have another number of days with rows than the last one.
  package private(set) var unlikeDates = 0
  /// The number of dates that do not count: their charts have another `--top`, or another version
  /// made them.
  package private(set) var otherDates = 0

  /// Reads the history of a user's songs.
  ///
  /// - Throws: `ChartsError`, `SystemError`.
  package init(of songs: [UInt64], user: UInt64, until lookup: ChartLookup) throws {
    self.init([nil: songs], lookup)
    otherDates = try Self.forEachDate(until: lookup) { earlier in
      count(earlier, lookup)
      if let chart = try earlier.chart(ofUser: user) { add(chart, of: nil) }
    }
  }

  /// Reads the history of the songs of countries.
  ///
  /// - Throws: `ChartsError`, `SystemError`.
  package init(of songs: [CountryCode: [UInt64]], until lookup: ChartLookup) throws {
    self.init(
      Dictionary(uniqueKeysWithValues: songs.map { (CountryCode?.some($0.key), $0.value) }), lookup)
    otherDates = try Self.forEachDate(until: lookup) { earlier in
      count(earlier, lookup)
      var charts = try earlier.countryCharts()
      while let (country, chart) = try charts.next() { add(chart, of: country) }
    }
  }

  private init(_ songs: [CountryCode?: [UInt64]], _ lookup: ChartLookup) {
    first = lookup.manifest.date
    last = lookup.manifest.date
    for (country, ids) in songs {
      entries[country] = Set(ids).sorted().map { Entry(song: $0, peak: .max, days: 0) }
    }
  }

  /// What is known about a song; nil if no chart that counts has it.
  ///
  /// - Parameter country: nil for a user's chart.
  package func record(of song: UInt64, in country: CountryCode?) -> Record? {
    guard let chart = entries[country], let index = Self.index(of: song, in: chart),
      chart[index].days > 0
    else { return nil }
    return Record(peak: Int(chart[index].peak), days: Int(chart[index].days))
  }

  /// Calls `body` with the charts of each date that counts, and returns the number of other dates.
  private static func forEachDate(
    until newest: ChartLookup, _ body: (ChartLookup) throws -> Void
  ) throws -> Int {
    var others = 0
    for date in try newest.folder.dates() where date <= newest.manifest.date {
      let lookup: ChartLookup
      do {
        lookup = try ChartLookup(folder: newest.folder.path, date: date)
      } catch ChartsError.badManifest(_, .unknownFormat) {
        others += 1
        continue
      }
      if lookup.manifest.top == newest.manifest.top { try body(lookup) } else { others += 1 }
    }
    return others
  }

  private mutating func count(_ lookup: ChartLookup, _ newest: ChartLookup) {
    first = min(first, lookup.manifest.date)
    dates += 1
    if !lookup.manifest.window.isLike(newest.manifest.window) { unlikeDates += 1 }
  }

  private mutating func add(_ chart: [ChartedSong], of country: CountryCode?) {
    guard let place = entries.index(forKey: country) else { return }
    for (index, song) in chart.enumerated() {
      guard let found = Self.index(of: song.song, in: entries.values[place]) else { continue }
      let peak = min(entries.values[place][found].peak, UInt32(index + 1))
      entries.values[place][found].peak = peak
      entries.values[place][found].days += 1
    }
  }

  /// The index of a song, found by binary search.
  private static func index(of song: UInt64, in chart: [Entry]) -> Int? {
    let index = binarySearch(chart.count) { chart[$0].song < song }
    return index < chart.count && chart[index].song == song ? index : nil
  }
}
