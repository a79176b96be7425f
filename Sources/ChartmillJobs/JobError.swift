package import ChartmillModel

/// Why a job ended without charts, when no layer below it failed.
package enum JobError: Error, Sendable, Equatable {
  /// More of a day's rows were rejected than the limit allows.
  case tooManyBadRows(BadDay)
  /// Backfill left out so many dates that have no log of their own; `first` are the first of them.
  case skippedDates(count: Int, first: [Day])
}
