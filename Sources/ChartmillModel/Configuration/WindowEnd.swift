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
