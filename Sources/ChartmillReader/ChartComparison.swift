internal import ChartmillCore
package import ChartmillModel

/// Compares the charts of two dates.
///
/// If `--top` differs, only the songs up to the smaller `top` are compared, because the shorter
/// chart does not show whether other songs are new.
///
/// Memory: the charts of one country at each date, and buffers of a fixed size.
package struct ChartComparison: Sendable {
  package let previous: ChartLookup
  package let current: ChartLookup

  package init(folder: String, previous: Day, current: Day) throws {
    self.init(
      previous: try ChartLookup(folder: folder, date: previous),
      current: try ChartLookup(folder: folder, date: current))
  }

  /// Compares the newest date that has a manifest.
  ///
  /// - Parameter previous: the date to compare it with; nil for the one 7 days before it.
  /// - Throws: `ChartsError.noWeekBefore` if that date has no charts.
  package init(folder: String, newestWith previous: Day?) throws {
    let current = try ChartLookup(folder: folder, date: nil)
    if let previous {
      self.init(previous: try ChartLookup(folder: folder, date: previous), current: current)
      return
    }
    let newest = current.manifest.date
    let weekBefore = newest.advanced(by: -7)
    let dates = try current.folder.dates()
    guard dates.contains(weekBefore) else {
      throw ChartsError.noWeekBefore(
        folder: folder, date: weekBefore, newest: newest, earlier: dates.last { $0 < newest })
    }
    self.init(previous: try ChartLookup(folder: folder, date: weekBefore), current: current)
  }

  init(previous: ChartLookup, current: ChartLookup) {
    self.previous = previous
    self.current = current
  }

  /// The earlier and the later date.
  package var dates: [Day] { [previous.manifest.date, current.manifest.date] }

  /// The number of songs that are compared.
  package var top: Int { min(previous.manifest.top, current.manifest.top) }

  /// The movement of a user's chart; nil if the user has no chart at either date.
  package func movement(ofUser user: UInt64) throws -> ChartMovement? {
    let previousChart = try previous.chart(ofUser: user)
    let currentChart = try current.chart(ofUser: user)
    if previousChart == nil, currentChart == nil { return nil }
    return ChartMovement(from: previousChart ?? [], to: currentChart ?? [], top: top)
  }

  /// The movements of all countries that have a chart at either date, ordered by code.
  package func countries() throws -> CountryMovements {
    try CountryMovements(previous.countryCharts(), current.countryCharts(), top: top)
  }
}

/// Reads the country files of two dates side by side.
package struct CountryMovements {
  private var previousCharts: CountryChartReader
  private var currentCharts: CountryChartReader
  private var previous: (country: CountryCode, songs: [ChartedSong])?
  private var current: (country: CountryCode, songs: [ChartedSong])?
  private let top: Int

  init(
    _ previousCharts: CountryChartReader, _ currentCharts: CountryChartReader, top: Int
  ) throws {
    self.previousCharts = previousCharts
    self.currentCharts = currentCharts
    self.top = top
    previous = try self.previousCharts.next()
    current = try self.currentCharts.next()
  }

  /// The next country, and its movement; nil at the end. A missing chart counts as an empty one.
  package mutating func next() throws -> (country: CountryCode, ChartMovement)? {
    guard let country = [previous?.country, current?.country].compactMap(\.self).min() else {
      return nil
    }
    let isPrevious = previous?.country == country
    let isCurrent = current?.country == country
    let movement = ChartMovement(
      from: isPrevious ? previous?.songs ?? [] : [], to: isCurrent ? current?.songs ?? [] : [],
      top: top)
    if isPrevious { previous = try previousCharts.next() }
    if isCurrent { current = try currentCharts.next() }
    return (country, movement)
  }
}
