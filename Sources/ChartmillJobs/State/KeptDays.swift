internal import ChartmillModel

/// The days that a state folder has rollups of.
struct KeptDays: Sendable, Equatable {
  let folder: String
  /// Usable or not, ascending.
  let days: [Day]
  /// The newest day that may end a window and whose rollup is complete; nil if there is none, or if
  /// the window has a date.
  let newest: Day?
}
