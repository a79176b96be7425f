internal import ChartmillSystem

/// A date of the proleptic Gregorian calendar, years 1 … 9999, without time or time zone.
package struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let daysSinceEpoch: Int

  /// January 1 of year 1, the first day that `YYYYMMDD` can express.
  package static let first = Day(daysSinceEpoch: -719_162)

  package init(daysSinceEpoch: Int) {
    self.daysSinceEpoch = daysSinceEpoch
  }

  /// Nil if the date does not exist (month 13, February 30 …).
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.daysSinceEpoch = era * 146_097 + dayOfEra - 719_468
    guard civil == (year, month, day) else { return nil }
  }

  /// Parses exactly eight ASCII digits, `YYYYMMDD`; nil for other text and for dates that do not
  /// exist.
  package init?(yyyymmdd text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 8, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    func number(_ range: Range<Int>) -> Int {
      digits[range].reduce(0) { $0 * 10 + Int($1 - 48) }
    }
    self.init(year: number(0..<4), month: number(4..<6), day: number(6..<8))
  }

  /// Year, month and day, by `civil_from_days` from the same source.
  package var civil: (year: Int, month: Int, day: Int) {
    let shifted = daysSinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  package func advanced(by days: Int) -> Day {
    Day(daysSinceEpoch: daysSinceEpoch + days)
  }

  /// Midnight UTC at the end of the day, in seconds since 1970.
  package var endSecondsSinceEpoch: Int { (daysSinceEpoch + 1) * 86_400 }

  package static func < (left: Day, right: Day) -> Bool {
    left.daysSinceEpoch < right.daysSinceEpoch
  }

  /// `YYYYMMDD`, as in the names of logs and outputs.
  package var description: String {
    let (year, month, day) = civil
    return String(year).padded(to: 4) + String(month).padded(to: 2) + String(day).padded(to: 2)
  }
}

extension Day {
  /// The `count` calendar days that end with `last`.
  ///
  /// - Throws: `WindowError.windowBeforeCalendar`.
  package static func days(_ count: Int, endingWith last: Day) throws -> ClosedRange<Day> {
    let first = last.advanced(by: 1 - max(1, count))
    if first < .first { throw WindowError.windowBeforeCalendar(last: last, days: count) }
    return first...last
  }
}
