internal import ChartmillModel

/// The days that a state folder has rollups of.
struct KeptDays: Sendable, Equatable {
  let folder: String
  /// All of these days, whether their rollups are usable or not, ascending.
  let days: [Day]
  /// The newest day that may end a window and whose rollup is complete. Nil if there is none, or if
  /// the window ends at a given date.
  let newest: Day?
}
