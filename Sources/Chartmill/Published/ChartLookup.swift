/// The published charts of one date, looked up one by one.
///
/// Files are trusted as far as they were read: their size must be the manifest's and the lines well
/// formed, while CRCs are for `ChartVerifier`.
///
/// Memory: some buffers of a fixed size, and the manifest. Time: some milliseconds; for a user in
/// gzipped charts, that of inflating half a partition.
public struct ChartLookup: Sendable {
  public let manifest: Manifest
  private let folder: PublishedFolder

  /// What a campaign sends to a user.
  public struct Campaign: Sendable, Equatable {
    public let chart: [ChartedSong]
    /// Where the user streamed most.
    public let country: CountryCode
    public let countryChart: [ChartedSong]
  }

  /// - Parameter date: nil for the newest that has a manifest.
  public init(folder path: String, date: Day?) throws(ChartsError) {
    folder = PublishedFolder(path: path)
    var date = date
    if date == nil { date = try folder.dates().last }
    guard let date else { throw .noManifest(folder: path, date: nil) }
    manifest = try folder.manifest(of: date)
  }

  /// Nil when the user streamed nothing.
  public func chart(ofUser user: UInt64) throws(ChartsError) -> [ChartedSong]? {
    let file = try folder.file(\.userCharts, of: manifest)
    if file.format == .text {
      var checker = SongListChecker(top: manifest.top)
      guard try search(in: file).find(user, { checker.check(&$0) }) else { return nil }
      try file.check(checker.streams, most: manifest.totals.streams)
      return checker.songs
    }
    // What is not text is read from where the user's partition begins.
    let target = scheme.splitUser(user)
    try file.checkSize()
    guard let start = file.start(of: Int(target.partition)) else { return nil }
    var entries = try ChartEntries.users(file, from: start)
    while let next = try entries.next(), scheme.splitUser(next) <= target {
      if next == user {
        try file.check(entries.streams, most: manifest.totals.streams)
        return entries.songs
      }
    }
    return nil
  }

  /// Nil when nothing was streamed there.
  public func chart(ofCountry country: CountryCode) throws(ChartsError) -> [ChartedSong]? {
    var reader = try countryCharts()
    while let chart = try reader.next(), chart.country <= country {
      if chart.country == country { return chart.songs }
    }
    return nil
  }

  /// Nil when the user streamed nothing.
  public func campaign(ofUser user: UInt64) throws(ChartsError) -> Campaign? {
    guard let chart = try chart(ofUser: user) else { return nil }
    let homes = try folder.file(\.userCountries, of: manifest)
    let home = try country(ofUser: user, in: homes)
    guard let home else { throw homes.difference(.missingKey("\(user)")) }
    guard let countryChart = try self.chart(ofCountry: home) else {
      throw try folder.file(\.countryCharts, of: manifest).difference(.missingKey("\(home)"))
    }
    return Campaign(chart: chart, country: home, countryChart: countryChart)
  }

  func countryCharts() throws(ChartsError) -> CountryChartReader {
    let file = try folder.file(\.countryCharts, of: manifest)
    try file.checkSize()
    return try CountryChartReader(file, manifest)
  }

  private func country(
    ofUser user: UInt64, in file: PublishedFile
  ) throws(ChartsError) -> CountryCode? {
    if file.format == .text {
      var home: CountryCode?
      _ = try search(in: file).find(user) { parser in
        home = parser.country()
        return home != nil && parser.isAtEnd ? nil : .syntax(column: parser.column)
      }
      return home
    }
    let target = scheme.splitUser(user)
    try file.checkSize()
    guard let start = file.start(of: Int(target.partition)) else { return nil }
    var entries = try HomeEntries(file, from: start)
    while let next = try entries.next(), scheme.splitUser(next.user) <= target {
      if next.user == user { return next.country }
    }
    return nil
  }

  private var scheme: PartitionScheme { PartitionScheme(partitions: manifest.partitions) }

  private func search(in file: PublishedFile) throws(ChartsError) -> UserLineSearch {
    try UserLineSearch(file, scheme: scheme)
  }
}
