package import ChartmillModel

/// A day with more bad rows than the limit allows, and what helps to find out why.
package struct BadDay: Sendable, Equatable {
  package var day: Day
  package var rejected: Int
  /// Good and bad ones.
  package var rows: Int
  package var limit: Share
  /// The name of the day's log with the most bad rows.
  package var log: String
  /// Where that log is; nil when only its kept rollup or its counts are there.
  package var path: String?
  /// The most common reason, with its bad rows of the day.
  package var reason: Manifest.Tally?
  /// The first row of `log` that was rejected for `reason`, if its samples are known.
  package var sample: Manifest.Sample?
  /// How many other days are over the limit.
  package var otherDays = 0
  /// The file that the rejected rows are in, if they are kept.
  package var rejectsFile: String?
}
