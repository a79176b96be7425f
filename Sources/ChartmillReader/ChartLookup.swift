package import ChartmillCore
package import ChartmillModel

/// The published charts of one date, looked up one by one.
///
/// Files are trusted as far as they were read: their size must be the manifest's and the lines well
/// formed, while CRCs are for `ChartVerifier`.
///
/// Memory: some buffers of a fixed size, and the manifest. Time: some milliseconds; for a user in
/// gzipped charts, that of inflating half a partition.
package struct ChartLookup: Sendable {
  package let manifest: Manifest
  let folder: PublishedFolder

  /// What a campaign sends to a user.
  package struct Campaign: Sendable, Equatable {
    package let chart: [ChartedSong]
    /// Where the user streamed most.
    package let country: CountryCode
    package let countryChart: [ChartedSong]
  }

  /// - Parameter date: nil for the newest that has a manifest.
  package init(folder path: String, date: Day?) throws {
    self = try Self.open(folder: path, date: date).lookup
  }

  private init(_ manifest: Manifest, in folder: PublishedFolder) {
    self.manifest = manifest
    self.folder = folder
  }

  /// The same, and the sums of the logs that the manifest lists. `onInput` is called with each of
  /// them, because `manifest` does not hold them.
  static func open(
    folder path: String, date: Day?, onInput: (Manifest.Input) -> Void = { _ in }
  ) throws -> (lookup: ChartLookup, logs: LogTotals) {
    let folder = PublishedFolder(path: path)
    guard let date = try date ?? folder.dates().last else {
      throw ChartsError.noManifest(folder: path, date: nil)
    }
    let (manifest, logs) = try folder.manifest(of: date, onInput: onInput)
    return (ChartLookup(manifest, in: folder), logs)
  }

  /// Of the newest earlier date, by the manifests of the folder; nil when there is none. Dates that
  /// another version published are passed over.
  func newestBefore() throws -> ChartLookup? {
    for date in try folder.dates().reversed() where date < manifest.date {
      do {
        return try ChartLookup(folder: folder.path, date: date)
      } catch ChartsError.badManifest(_, .unknownFormat) {
        continue
      }
    }
    return nil
  }

  /// Nil when the user streamed nothing.
  package func chart(ofUser user: UInt64) throws -> [ChartedSong]? {
    let file = try folder.file(\.userCharts, of: manifest)
    let search = try UserLineSearch(
      file, header: file.format.chartHeader(.user), scheme: scheme)
    guard let lines = try search.lines(of: user) else { return nil }
    var entries = ChartEntries.users(file, lines)
    guard try entries.next() == user else { return nil }
    try file.check(entries.streams, most: manifest.totals.streams)
    return entries.songs
  }

  /// Nil when nothing was streamed there.
  package func chart(ofCountry country: CountryCode) throws -> [ChartedSong]? {
    var reader = try countryCharts()
    while let chart = try reader.next(), chart.country <= country {
      if chart.country == country { return chart.songs }
    }
    return nil
  }

  /// Nil when the user streamed nothing.
  package func campaign(ofUser user: UInt64) throws -> Campaign? {
    guard let chart = try chart(ofUser: user) else { return nil }
    let userCountries = try folder.file(\.userCountries, of: manifest)
    let userCountry = try country(ofUser: user, in: userCountries)
    guard let userCountry else { throw userCountries.difference(.missingKey("\(user)")) }
    guard let countryChart = try self.chart(ofCountry: userCountry) else {
      throw try folder.file(\.countryCharts, of: manifest).difference(.missingKey("\(userCountry)"))
    }
    return Campaign(chart: chart, country: userCountry, countryChart: countryChart)
  }

  func countryCharts() throws -> CountryChartReader {
    let file = try folder.file(\.countryCharts, of: manifest)
    try file.checkSize()
    return try CountryChartReader(file, manifest)
  }

  private func country(
    ofUser user: UInt64, in file: PublishedFile
  ) throws -> CountryCode? {
    let search = try UserLineSearch(file, header: file.format.homeHeader, scheme: scheme)
    guard let lines = try search.lines(of: user) else { return nil }
    var entries = UserCountryEntries(file, lines)
    return try entries.next()?.country
  }

  private var scheme: PartitionScheme { PartitionScheme(partitions: manifest.partitions) }
}
