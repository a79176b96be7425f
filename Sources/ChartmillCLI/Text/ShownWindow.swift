internal import ChartmillModel

/// The days of a date, for programs. Streams can be compared only if two windows cover the same
/// number of days.
struct ShownWindow: Encodable {
  let first: String
  let last: String
  let days: Int
  /// The days that have rows.
  let coveredDays: Int

  init(_ window: Manifest.Window) {
    first = window.first.description
    last = window.last.description
    days = window.days
    coveredDays = window.coveredDays
  }
}
