package import ChartmillModel

/// Why a job failed, if the cause is not an error of a lower layer.
package enum JobError: Error, Sendable, Equatable {
  /// A day has more bad rows than the limit allows.
  case tooManyBadRows(BadDay)
  /// Backfill skipped `count` dates, because they have no log of their own, or no accepted row
  /// in it or in their window. `first` has the first of these dates.
  case skippedDates(count: Int, first: [Day])
  /// The charts do not count every accepted row once by user and once by country.
  case uncountedRows(users: UInt64, countries: UInt64, accepted: UInt64)
}
