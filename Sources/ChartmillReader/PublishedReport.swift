package import ChartmillModel

/// The contents of a report of one date: its manifest, the manifest of the previous date, and the
/// charts of the countries with the most streams, with their movement between the two dates.
///
/// Time: a few milliseconds, to read two manifests and two country files. Memory: the manifests,
/// the charts of `maxCountries` countries, and buffers of a fixed size.
package struct PublishedReport: Sendable {
  package struct CountryChart: Sendable {
    package let country: CountryCode
    /// The movement since the previous date. Without a previous date, all songs are new.
    package let movement: ChartMovement

    package init(country: CountryCode, movement: ChartMovement) {
      self.country = country
      self.movement = movement
    }
  }

  /// The maximum number of countries with a chart in the report.
  private static let maxCountries = 9
  /// The maximum number of logs in the report. It is enough for a year with one log per day.
  package static let maxLogs = 366

  package let manifest: Manifest
  /// The sums of each day that has logs, ascending.
  package let days: [DayTotals]
  /// The first `maxLogs` logs.
  package let logs: [Manifest.Input]
  /// The manifest of the previous date, see `ChartLookup.previous`; nil if there is none.
  package let previous: Manifest?
  /// `previous`, if its window and its charts have the same number of days. Otherwise the numbers
  /// cannot be compared.
  package var comparable: Manifest? {
    previous.flatMap { $0.window.isLike(manifest.window) ? $0 : nil }
  }
  /// The charts of the countries with the most streams, most streams first.
  package let charts: [CountryChart]

  /// Makes a report from a manifest that holds its inputs.
  package init(manifest: Manifest, previous: Manifest?, charts: [CountryChart]) {
    var totals = LogTotals()
    for input in manifest.inputs { _ = totals.add(input) }
    self.init(
      manifest: manifest, days: totals.days, logs: Array(manifest.inputs.prefix(Self.maxLogs)),
      previous: previous, charts: charts)
  }

  private init(
    manifest: Manifest, days: [DayTotals], logs: [Manifest.Input], previous: Manifest?,
    charts: [CountryChart]
  ) {
    self.manifest = manifest
    self.days = days
    self.logs = logs
    self.previous = previous
    self.charts = charts
  }

  /// Reads the contents of a report.
  ///
  /// - Parameter date: nil selects the newest date that has a manifest.
  /// - Throws: `ChartsError`, `SystemError`.
  package init(folder: String, date: Day?) throws {
    var logs: [Manifest.Input] = []
    let (current, totals) = try ChartLookup.open(folder: folder, date: date) { input in
      if logs.count < Self.maxLogs { logs.append(input) }
    }
    let previous = try current.previous()
    let largest = current.manifest.totals.largestCountries.prefix(Self.maxCountries)
      .compactMap { CountryCode($0.country) }
    var movements: [CountryCode: ChartMovement] = [:]
    if let previous {
      var countries = try ChartComparison(previous: previous, current: current).countries()
      while let (country, movement) = try countries.next() {
        if largest.contains(country) { movements[country] = movement }
      }
    } else {
      var countries = try current.countryCharts()
      while let (country, songs) = try countries.next() {
        guard largest.contains(country) else { continue }
        movements[country] = ChartMovement(from: [], to: songs, top: current.manifest.top)
      }
    }
    self.init(
      manifest: current.manifest, days: totals.days, logs: logs, previous: previous?.manifest,
      charts: largest.compactMap { country in
        movements[country].map { CountryChart(country: country, movement: $0) }
      })
  }
}

extension Manifest.Totals {
  /// The countries ordered by streams, most first; ties by code.
  package var largestCountries: [Manifest.CountryStreams] {
    streamsByCountry.sorted { ($1.streams, $0.country) < ($0.streams, $1.country) }
  }
}
