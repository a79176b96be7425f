package import ChartmillModel

/// Dates as people read them.
extension Day {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  private var monthName: String { Self.months[civil.month - 1] }

  /// `5 July 2026`.
  package var long: String { "\(civil.day) \(monthName) \(civil.year)" }
  /// `5 Jul`.
  package var short: String { "\(civil.day) \(monthName.prefix(3))" }
  /// `Jul 2026`.
  package var shortMonth: String { "\(monthName.prefix(3)) \(civil.year)" }

  /// `29 June to 5 July 2026`. A month or year that both dates share is named once.
  package func long(to last: Day) -> String {
    if self == last { return long }
    if civil.year != last.civil.year { return "\(long) to \(last.long)" }
    let isOneMonth = civil.month == last.civil.month
    return "\(civil.day)\(isOneMonth ? "" : " \(monthName)") to \(last.long)"
  }
}

/// The style of dates in a text.
package enum DateStyle: Sendable {
  /// As in file names and flags: `20260705`.
  case digits
  /// As people write them: `5 July 2026`.
  case words

  package func text(_ day: Day) -> String {
    switch self {
    case .digits: day.description
    case .words: day.long
    }
  }
}
