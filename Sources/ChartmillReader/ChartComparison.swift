internal import ChartmillCore
package import ChartmillModel

/// Compares the charts of two dates.
///
/// If `--top` differs, only the songs up to the smaller `top` are compared, because the shorter
/// chart does not show whether other songs are new.
///
/// Memory: the charts of one country at each date, and buffers of a fixed size.
package struct ChartComparison: Sendable {
  package let before: ChartLookup
  package let now: ChartLookup

  package init(folder: String, before: Day, now: Day) throws {
    self.init(
      before: try ChartLookup(folder: folder, date: before),
      now: try ChartLookup(folder: folder, date: now))
  }

  /// Compares the newest date that has a manifest.
  ///
  /// - Parameter before: the date to compare it with; nil for the one 7 days before it.
  /// - Throws: `ChartsError.noWeekBefore` if that date has no charts.
  package init(folder: String, newestWith before: Day?) throws {
    let now = try ChartLookup(folder: folder, date: nil)
    if let before {
      self.init(before: try ChartLookup(folder: folder, date: before), now: now)
      return
    }
    let newest = now.manifest.date
    let weekBefore = newest.advanced(by: -7)
    let dates = try now.folder.dates()
    guard dates.contains(weekBefore) else {
      throw ChartsError.noWeekBefore(
        folder: folder, date: weekBefore, newest: newest, earlier: dates.last { $0 < newest })
    }
    self.init(before: try ChartLookup(folder: folder, date: weekBefore), now: now)
  }

  init(before: ChartLookup, now: ChartLookup) {
    self.before = before
    self.now = now
  }

  /// The earlier and the later date.
  package var dates: [Day] { [before.manifest.date, now.manifest.date] }

  /// The number of songs that are compared.
  package var top: Int { min(before.manifest.top, now.manifest.top) }

  /// The movement of a user's chart; nil if the user has no chart at either date.
  package func movement(ofUser user: UInt64) throws -> ChartMovement? {
    let (previous, current) = try (before.chart(ofUser: user), now.chart(ofUser: user))
    if previous == nil, current == nil { return nil }
    return ChartMovement(from: previous ?? [], to: current ?? [], top: top)
  }

  /// The movements of all countries that have a chart at either date, ordered by code.
  package func countries() throws -> CountryMovements {
    try CountryMovements(before.countryCharts(), now.countryCharts(), top: top)
  }
}

/// Reads the country files of two dates side by side.
package struct CountryMovements {
  private var before: CountryChartReader
  private var now: CountryChartReader
  private var previous: (country: CountryCode, songs: [ChartedSong])?
  private var current: (country: CountryCode, songs: [ChartedSong])?
  private let top: Int

  init(
    _ before: CountryChartReader, _ now: CountryChartReader, top: Int
  ) throws {
    self.before = before
    self.now = now
    self.top = top
    previous = try self.before.next()
    current = try self.now.next()
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
    if isPrevious { previous = try before.next() }
    if isCurrent { current = try now.next() }
    return (country, movement)
  }
}
