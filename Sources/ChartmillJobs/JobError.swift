package import ChartmillModel

/// Why a job failed although no layer below it did.
package enum JobError: Error, Sendable, Equatable {
  /// A day has more bad rows than the limit allows.
  case tooManyBadRows(BadDay)
  /// Backfill skipped `count` dates, because their own log or any accepted row is missing. `first`
  /// are the first of them.
  case skippedDates(count: Int, first: [Day])
  /// The charts do not count every accepted row once by user and once by country.
  case uncountedRows(users: UInt64, countries: UInt64, accepted: UInt64)
}
