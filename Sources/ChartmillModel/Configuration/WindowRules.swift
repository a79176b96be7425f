/// How many calendar days a window has, and which of them may be missing.
package struct WindowRules: Sendable, Equatable {
  /// Ten years: a bound on what a mistyped number can ask for.
  package static let daysRange = 1...3660
  package static let defaultDays = 7

  /// Length of the window in calendar days, within `daysRange`.
  package var days: Int
  package var requireAllDays: Bool
  /// Accepts a last day that has neither a log nor a kept rollup.
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
