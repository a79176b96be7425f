/// How the last day of a window is found.
package enum WindowEnd: Sendable, Equatable {
  case date(Day)
  /// The date of the newest log. Logs dated later than the day after `today` do not count, because
  /// a misnamed log must not end the window. If `today` is nil, all logs count.
  case newest(today: Day?)

  /// The date that was given; nil for `newest`.
  package var date: Day? {
    if case .date(let day) = self { day } else { nil }
  }

  /// The latest day that may end a window without a date: the day after `today`, because logs may
  /// come from another time zone. Nil sets no limit.
  package var latest: Day? {
    if case .newest(let today?) = self { today.advanced(by: 1) } else { nil }
  }
}
