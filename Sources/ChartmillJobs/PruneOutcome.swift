package import ChartmillModel

/// What became of the kept rollups of days that are older than `keepDays`.
package enum PruneOutcome: Sendable {
  case dropped([Day])
  /// Those that could not be removed are tried again by the next run.
  case failed(any Error)
}
