/// The charts of a country file, one after another, by code.
///
/// Memory: that of `ChartLines`, and one chart.
struct CountryChartReader {
  let lines: ChartLines
  private let mostStreams: Int
  private var checker: SongListChecker
  private var last: CountryCode?

  init(_ file: PublishedFile, _ manifest: Manifest) throws(ChartsError) {
    lines = try file.lines()
    mostStreams = manifest.totals.streams
    checker = SongListChecker(top: manifest.top)
  }

  mutating func next() throws(ChartsError) -> (country: CountryCode, songs: [ChartedSong])? {
    guard let line = try lines.next() else { return nil }
    var parser = ChartLineParser(line)
    guard let country = parser.countryKey() else {
      throw lines.difference(.syntax(column: parser.column))
    }
    if let last, last >= country {
      throw lines.difference(last == country ? .repeatedKey : .keyOrder)
    }
    last = country
    if let problem = checker.check(&parser) { throw lines.difference(problem) }
    if checker.streams > UInt64(mostStreams) {
      throw lines.difference(.streams(found: checker.streams, most: mostStreams))
    }
    return (country, checker.songs)
  }
}
