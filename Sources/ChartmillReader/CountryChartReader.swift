internal import ChartmillCore
internal import ChartmillModel

/// Reads and checks the charts of a country file, one after another, ordered by code.
struct CountryChartReader {
  private let maxStreams: Int
  private let streams: [CountryCode: Int]
  private let top: Int
  private let manifestFile: ManifestFile
  private(set) var entries: ChartEntries<CountryCode>
  private var last: CountryCode?

  init(_ file: PublishedFile, _ manifest: Manifest, _ manifestFile: ManifestFile) throws {
    self.manifestFile = manifestFile
    entries = try .countries(file)
    maxStreams = manifest.totals.streams
    top = manifest.top
    streams = manifest.totals.streamsByCountry.reduce(into: [:]) { streams, one in
      if let country = CountryCode(one.country) { streams[country] = one.streams }
    }
  }

  /// The next chart; nil at the end.
  ///
  /// - Throws: `ChartsError.differs` if keys are not ascending, or if streams exceed the
  ///   manifest's; `ChartsError.replaced`.
  mutating func next() throws -> (country: CountryCode, songs: [ChartedSong])? {
    let manifestFile = manifestFile
    return try manifestFile.reading { try read() }
  }

  private mutating func read() throws -> (country: CountryCode, songs: [ChartedSong])? {
    let before = entries.streams
    guard let country = try entries.next() else { return nil }
    if let last, last >= country {
      throw entries.difference(last == country ? .repeatedKey : .keyOrder)
    }
    last = country
    if entries.streams > UInt64(maxStreams) {
      throw entries.difference(.streams(found: entries.streams, max: maxStreams))
    }
    // A chart with fewer than `top` songs lists all songs of the country.
    let (listed, all) = (Int(entries.streams - before), streams[country, default: 0])
    if listed > all || (listed < all && entries.songs.count < top) {
      throw entries.difference(.countryStreams(listed: listed, all: all))
    }
    return (country, entries.songs)
  }
}
