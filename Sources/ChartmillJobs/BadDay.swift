package import ChartmillModel

/// A day with more bad rows than the limit allows, with details that help to find the cause.
package struct BadDay: Sendable, Equatable {
  /// Nil for a log that has no date in its name, which counts as a day of its own.
  package var day: Day?
  package var rejected: Int
  /// All rows, good and bad.
  package var rows: Int
  package var limit: Share
  /// The name of the day's log with the most bad rows.
  package var log: String
  /// The path of that log; nil if there is no file, because only its kept rollup or counts were
  /// read.
  package var path: String?
  /// The most common reason, and the number of the day's bad rows with that reason.
  package var reason: Manifest.Tally?
  /// The first sample of `reason`, from `log` if it has one and otherwise from another log of the
  /// day.
  package var sample: Manifest.Sample?
  /// The number of other days that are over the limit.
  package var otherDays = 0
  /// The file that the rejected rows were written to; nil if they are not kept.
  package var rejectsFile: String?
}
