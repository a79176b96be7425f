package import ChartmillModel

/// Why a job ended without charts, when no layer below it failed.
package enum JobError: Error, Sendable, Equatable {
  /// More of a day's rows were rejected than the limit allows.
  case tooManyBadRows(BadDay)
  /// The budget is below what the job needs; both in bytes.
  case memoryTooSmall(budget: Int, least: Int)
  /// The job is estimated to need more room than there is; nothing was written.
  case diskTooSmall(DiskNeed)
  /// Backfill left out so many dates that have no log of their own; `first` are the first of them.
  case skippedDates(count: Int, first: [Day])
}
