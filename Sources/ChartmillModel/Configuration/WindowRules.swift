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

/// The last day of a window, or how it is found.
package enum WindowEnd: Sendable, Equatable {
  case date(Day)
  /// The date of the newest log. No day later than the one after `today` counts, because a misnamed
  /// log must not end the window. Without a `today` every day counts.
  case newest(today: Day?)

  package var date: Day? {
    if case .date(let day) = self { day } else { nil }
  }

  /// The latest day that may end a window without a date: one after today, since logs may come from
  /// another time zone. Nil is without limit.
  package var latest: Day? {
    if case .newest(let today?) = self { today.advanced(by: 1) } else { nil }
  }
}
