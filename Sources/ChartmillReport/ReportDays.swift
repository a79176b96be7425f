internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The days of a window in order, with the counts of their logs.
struct ReportDays {
  struct Entry {
    let day: Day
    /// Nil if the day has no log.
    var rows: Int?
    var rejected = 0
    var rejectedByReason: [String: Int] = [:]
  }

  private(set) var entries: [Entry]

  init(_ report: PublishedReport) {
    let window = report.manifest.window
    entries = (0..<window.days).map { Entry(day: window.first.advanced(by: $0)) }
    for day in report.days {
      let index = day.day.daysSinceEpoch - window.first.daysSinceEpoch
      guard entries.indices.contains(index) else { continue }
      entries[index].rows = day.accepted
      entries[index].rejected = day.rejected
      entries[index].rejectedByReason = day.rejectedByReason
    }
  }

  /// The rows rejected for a reason, one count per day. Nil for days without a log.
  func rejected(_ reason: String) -> [Int?] {
    entries.map { $0.rows == nil ? nil : $0.rejectedByReason[reason, default: 0] }
  }

  /// Whether labels name months and years instead of days.
  private var isLong: Bool { entries.count > 300 }

  /// The axis label of a day.
  func label(_ entry: Entry) -> String { isLong ? entry.day.shortMonth : entry.day.short }

  /// How many axis labels fit on a phone. A scale beside many columns leaves less space for them.
  var maxLabels: Int { isLong ? 4 : entries.count > 7 ? 5 : 7 }
}
