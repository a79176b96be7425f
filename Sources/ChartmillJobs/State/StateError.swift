package import ChartmillModel

/// Why kept rollups cannot serve.
package enum StateError: Error, Sendable, Equatable {
  /// A state folder without a kept rollup in it.
  case noRollups(folder: String)
  /// A kept rollup cannot serve, and its log is not there to roll up again.
  case unusableRollup(path: String, RollupNotice.Kind)
  /// A kept rollup that `state` found damaged.
  case damagedRollup(path: String)
}
