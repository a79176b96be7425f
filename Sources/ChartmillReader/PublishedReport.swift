package import ChartmillModel

/// What a report of one date is made of: its manifest, that of the newest date before it in the
/// folder, and the charts of the countries with most streams, with how they moved between the two.
///
/// Time: some milliseconds: two manifests and two country files are read to their ends. Memory: those
/// manifests, the charts of `mostCountries`, and buffers of a fixed size.
package struct PublishedReport: Sendable {
  package struct CountryChart: Sendable {
    package let country: CountryCode
    /// From an empty chart, when there is nothing to compare with.
    package let movement: ChartMovement

    package init(country: CountryCode, movement: ChartMovement) {
      self.country = country
      self.movement = movement
    }
  }

  /// That have a chart here.
  private static let mostCountries = 9
  /// Logs that a report lists: those of a year with one log per day.
  package static let maxLogs = 366

  package let manifest: Manifest
  /// The days that have logs, ascending.
  package let days: [DayTotals]
  /// The first `maxLogs` logs.
  package let logs: [Manifest.Input]
  /// Nil when no earlier date is published.
  package let before: Manifest?
  /// That, if its charts are of as many days: else all numbers differ.
  package var comparable: Manifest? {
    before.flatMap { $0.window.isLike(manifest.window) ? $0 : nil }
  }
  /// Of the countries with most streams, most first.
  package let charts: [CountryChart]

  /// A report of a manifest that holds its inputs.
  package init(manifest: Manifest, before: Manifest?, charts: [CountryChart]) {
    var totals = LogTotals()
    for input in manifest.inputs { _ = totals.add(input) }
    self.init(
      manifest: manifest, days: totals.days, logs: Array(manifest.inputs.prefix(Self.maxLogs)),
      before: before, charts: charts)
  }

  private init(
    manifest: Manifest, days: [DayTotals], logs: [Manifest.Input], before: Manifest?,
    charts: [CountryChart]
  ) {
    self.manifest = manifest
    self.days = days
    self.logs = logs
    self.before = before
    self.charts = charts
  }

  /// - Parameter date: nil for the newest that has a manifest.
  package init(folder: String, date: Day?) throws {
    var logs: [Manifest.Input] = []
    let (now, totals) = try ChartLookup.open(folder: folder, date: date) { input in
      if logs.count < Self.maxLogs { logs.append(input) }
    }
    let former = try now.newestBefore()
    let largest = now.manifest.totals.largestCountries.prefix(Self.mostCountries)
      .compactMap { CountryCode($0.country) }
    var movements: [CountryCode: ChartMovement] = [:]
    if let former {
      var countries = try ChartComparison(before: former, now: now).countries()
      while let (country, movement) = try countries.next() {
        if largest.contains(country) { movements[country] = movement }
      }
    } else {
      var countries = try now.countryCharts()
      while let (country, songs) = try countries.next() {
        guard largest.contains(country) else { continue }
        movements[country] = ChartMovement(from: [], to: songs, top: now.manifest.top)
      }
    }
    self.init(
      manifest: now.manifest, days: totals.days, logs: logs, before: former?.manifest,
      charts: largest.compactMap { country in
        movements[country].map { CountryChart(country: country, movement: $0) }
      })
  }
}

extension Manifest.Totals {
  /// Most streams first, ties by code.
  package var largestCountries: [Manifest.CountryStreams] {
    streamsByCountry.sorted { ($1.streams, $0.country) < ($0.streams, $1.country) }
  }
}
