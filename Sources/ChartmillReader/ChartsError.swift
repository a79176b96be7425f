package import ChartmillCore
package import ChartmillModel

/// Why published charts cannot be read, or how they differ from what was published.
package enum ChartsError: Error, Sendable, Equatable {
  /// There is no manifest for that date, or for any date if `date` is nil.
  case noManifest(folder: String, date: Day?)
  /// The user has no chart on these dates.
  case noUser(UInt64, dates: [Day])
  /// The country has no chart on these dates.
  case noCountry(CountryCode, dates: [Day])
  /// No country's chart has the song on this date.
  case noSong(UInt64, date: Day)
  /// There are no charts for the date 7 days before the newest one. `earlier` is the newest earlier
  /// date that has charts.
  case noWeekBefore(folder: String, date: Day, newest: Day, earlier: Day?)
  /// None of the listed users has a chart on this date.
  case noListedUser(count: Int, date: Day)
  /// The charts of this date were replaced while they were read. Reading them again may succeed.
  case replaced(folder: String, date: Day)
  case badManifest(path: String, ManifestError)
  case differs(ChartDifference)
}
