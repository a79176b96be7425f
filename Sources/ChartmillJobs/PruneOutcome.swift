package import ChartmillModel

/// What happened to the kept rollups that are older than `StateOptions.keepDays`.
package enum PruneOutcome: Sendable {
  case dropped([Day])
  /// A rollup could not be removed. The next run will try again.
  case failed(any Error)

  /// The days whose rollups were removed.
  package var dropped: [Day] {
    if case .dropped(let days) = self { days } else { [] }
  }
}
