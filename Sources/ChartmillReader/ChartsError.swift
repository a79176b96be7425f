package import ChartmillCore
package import ChartmillModel

/// Why published charts could not be read, or are not what was published.
package enum ChartsError: Error, Sendable, Equatable {
  /// No manifest of that date, or of any.
  case noManifest(folder: String, date: Day?)
  /// No stream of that user was charted.
  case noUser(UInt64, dates: [Day])
  case noCountry(CountryCode, dates: [Day])
  case badManifest(path: String, ManifestError)
  case differs(ChartDifference)
}
