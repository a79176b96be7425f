/// The charts of a file of countries, one after another, by code.
struct CountryChartReader {
  private let mostStreams: Int
  private(set) var entries: ChartEntries<CountryCode>
  private var last: CountryCode?

  init(_ file: PublishedFile, _ manifest: Manifest) throws(ChartsError) {
    entries = try .countries(file)
    mostStreams = manifest.totals.streams
  }

  mutating func next() throws(ChartsError) -> (country: CountryCode, songs: [ChartedSong])? {
    guard let country = try entries.next() else { return nil }
    if let last, last >= country {
      throw entries.difference(last == country ? .repeatedKey : .keyOrder)
    }
    last = country
    if entries.streams > UInt64(mostStreams) {
      throw entries.difference(.streams(found: entries.streams, most: mostStreams))
    }
    return (country, entries.songs)
  }
}
