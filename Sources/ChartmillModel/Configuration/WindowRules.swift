/// How many calendar days a window has, and which of them may be missing.
package struct WindowRules: Sendable, Equatable {
  /// The range of `days`. Its end, ten years, bounds the cost of a mistyped number.
  package static let daysRange = 1...3660
  package static let defaultDays = 7

  /// The length of the window in calendar days, within `daysRange`.
  package var days: Int
  /// Whether a missing day is an error.
  package var requireAllDays: Bool
  /// Whether the last day may add no row: it may have neither a log nor a kept rollup, or no
  /// accepted row in them.
  package var allowsMissingLastDay: Bool

  package init(
    days: Int = WindowRules.defaultDays, requireAllDays: Bool = false,
    allowsMissingLastDay: Bool = false
  ) {
    self.days = days
    self.requireAllDays = requireAllDays
    self.allowsMissingLastDay = allowsMissingLastDay
  }
}
