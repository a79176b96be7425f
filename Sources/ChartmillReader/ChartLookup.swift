package import ChartmillCore
package import ChartmillModel

/// Looks up single charts in the published charts of one date.
///
/// A lookup checks the sizes of files and the syntax of the lines that it reads. It does not check
/// CRCs, because that would require reading the complete files. `ChartVerifier` does that. If a run
/// replaces the charts in the meantime, it throws `ChartsError.replaced`.
///
/// Time: a few milliseconds. For a user in gzipped charts, it is the time to inflate half a
/// partition on average. Memory: buffers of a fixed size, and the manifest.
package struct ChartLookup: Sendable {
  package let manifest: Manifest
  let folder: PublishedFolder
  let manifestFile: ManifestFile

  /// What a campaign sends to a user: the user's chart, and the chart of the user's country.
  package struct Campaign: Sendable, Equatable {
    package let chart: [ChartedSong]
    /// The country that the user streamed most from.
    package let country: CountryCode
    package let countryChart: [ChartedSong]
  }

  /// - Parameter date: nil selects the newest date that has a manifest.
  /// - Throws: what `PublishedFolder.manifest` throws.
  package init(folder path: String, date: Day?) throws {
    self = try Self.open(folder: path, date: date).lookup
  }

  private init(_ manifest: Manifest, _ file: ManifestFile, in folder: PublishedFolder) {
    self.manifest = manifest
    manifestFile = file
    self.folder = folder
  }

  /// Opens the charts, and returns the sums over the logs that the manifest lists. `onInput` is
  /// called with each log, because `manifest` does not hold them.
  static func open(
    folder path: String, date: Day?, onInput: (Manifest.Input) -> Void = { _ in }
  ) throws -> (lookup: ChartLookup, logs: LogTotals) {
    let folder = PublishedFolder(path: path)
    guard let date = try date ?? folder.dates().last else {
      throw ChartsError.noManifest(folder: path, date: nil)
    }
    let (manifest, logs, file) = try folder.manifest(of: date, onInput: onInput)
    return (ChartLookup(manifest, file, in: folder), logs)
  }

  /// The charts that a report compares these with: those of the same window a week before, because
  /// people listen differently on different weekdays. Without them, it is the newest earlier date.
  /// Nil if there is none. Dates that another version of Chartmill published are skipped.
  func previous() throws -> ChartLookup? {
    let earlier = try folder.dates().filter { $0 < manifest.date }
    let weekBefore = manifest.date.advanced(by: -7)
    if earlier.contains(weekBefore), let charts = try readable(weekBefore),
      charts.manifest.window.isLike(manifest.window)
    {
      return charts
    }
    for date in earlier.reversed() {
      if let charts = try readable(date) { return charts }
    }
    return nil
  }

  /// The charts of another date; nil if another version of Chartmill published them.
  private func readable(_ date: Day) throws -> ChartLookup? {
    do {
      return try ChartLookup(folder: folder.path, date: date)
    } catch ChartsError.badManifest(_, .unknownFormat) {
      return nil
    }
  }

  /// The chart of a user; nil if the user has none.
  package func chart(ofUser user: UInt64) throws -> [ChartedSong]? {
    try manifestFile.reading {
      let file = try folder.file(\.userCharts, of: manifest)
      let search = try UserLineSearch(
        file, header: file.format.chartHeader(.user), scheme: scheme)
      guard let lines = try search.lines(of: user) else { return nil }
      var entries = ChartEntries.users(file, lines)
      guard try entries.next() == user else { return nil }
      try file.check(entries.streams, max: manifest.totals.streams)
      return entries.songs
    }
  }

  /// The chart of a country; nil if the country has none.
  package func chart(ofCountry country: CountryCode) throws -> [ChartedSong]? {
    var reader = try countryCharts()
    while let chart = try reader.next(), chart.country <= country {
      if chart.country == country { return chart.songs }
    }
    return nil
  }

  /// The campaign for a user; nil if the user has no chart.
  package func campaign(ofUser user: UInt64) throws -> Campaign? {
    try manifestFile.reading {
      guard let chart = try chart(ofUser: user) else { return nil }
      let userCountries = try folder.file(\.userCountries, of: manifest)
      let userCountry = try country(ofUser: user, in: userCountries)
      guard let userCountry else { throw userCountries.difference(.missingKey("\(user)")) }
      guard let countryChart = try self.chart(ofCountry: userCountry) else {
        throw try missingChart(of: userCountry)
      }
      return Campaign(chart: chart, country: userCountry, countryChart: countryChart)
    }
  }

  /// The charts of all countries. Memory: 16 bytes per song, at most 4 MiB.
  func allCountryCharts() throws -> [CountryCode: [ChartedSong]] {
    var charts: [CountryCode: [ChartedSong]] = [:]
    var reader = try countryCharts()
    while let (country, songs) = try reader.next() { charts[country] = songs }
    return charts
  }

  /// The error for a country that users have, but that has no chart.
  func missingChart(of country: CountryCode) throws -> ChartsError {
    try folder.file(\.countryCharts, of: manifest).difference(.missingKey("\(country)"))
  }

  func countryCharts() throws -> CountryChartReader {
    try manifestFile.reading {
      let file = try folder.file(\.countryCharts, of: manifest)
      try file.checkSize()
      return try CountryChartReader(file, manifest, manifestFile)
    }
  }

  private func country(
    ofUser user: UInt64, in file: PublishedFile
  ) throws -> CountryCode? {
    let search = try UserLineSearch(file, header: file.format.userCountryHeader, scheme: scheme)
    guard let lines = try search.lines(of: user) else { return nil }
    var entries = UserCountryEntries(file, lines)
    return try entries.next()?.country
  }

  private var scheme: PartitionScheme { PartitionScheme(partitions: manifest.partitions) }
}
