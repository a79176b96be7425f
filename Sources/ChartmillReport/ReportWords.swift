internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// Dates and names in the words that people use.
extension PublishedReport {
  /// The charts that these are compared with: `the charts of a week before, for 28 June 2026`.
  func inWords(_ previous: Manifest) -> String {
    let isWeekBefore = previous.date == manifest.date.advanced(by: -7)
    return "the \(isWeekBefore ? "charts of a week before" : "previous charts"), for "
      + previous.date.long
  }
}

extension Manifest.CountryStreams {
  /// `France (FR)`; the code alone if it has no name.
  var label: String { CountryCode(country)?.label ?? country }
}
