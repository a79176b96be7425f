internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The days of a window in their order, with what their logs held.
struct ReportDays {
  struct Entry {
    let day: Day
    /// Nil when no log is there.
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

  /// Rows rejected for a reason, by day; nil for days without a log.
  func rejected(_ reason: String) -> [Int?] {
    entries.map { $0.rows == nil ? nil : $0.rejectedByReason[reason, default: 0] }
  }

  /// Of most of a year or more, months and years say more than days.
  private var isLong: Bool { entries.count > 300 }

  /// Under an axis.
  func label(_ entry: Entry) -> String { isLong ? entry.day.shortMonth : entry.day.short }

  /// Of these, so many have room on a phone, a scale beside them if they are many.
  var mostLabels: Int { isLong ? 4 : entries.count > 7 ? 5 : 7 }
}
