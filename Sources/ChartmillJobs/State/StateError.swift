package import ChartmillModel

/// Why kept rollups cannot be used.
package enum StateError: Error, Sendable, Equatable {
  /// The state folder has no rollup.
  case noRollups(folder: String)
  /// A kept rollup cannot be used, and its day cannot be rolled up again without its logs.
  case unusableRollup(path: String, RollupNotice.Kind)
  /// A line of a file of records, counted from 1, is not the record of a rollup, or its day is
  /// there twice.
  case badRecord(path: String, line: Int)
  /// `state` found a damaged rollup.
  case damagedRollup(path: String)
}
