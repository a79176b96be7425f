internal import Chartmill

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

  init(_ manifest: Manifest) {
    let first = manifest.window.first
    entries = (0..<manifest.window.days).map { Entry(day: first.advanced(by: $0)) }
    for input in manifest.inputs {
      let index = input.day.daysSinceEpoch - first.daysSinceEpoch
      guard entries.indices.contains(index) else { continue }
      entries[index].rows = (entries[index].rows ?? 0) + input.accepted
      entries[index].rejected += input.rejected
      for tally in input.rejectedByReason {
        entries[index].rejectedByReason[tally.name, default: 0] += tally.rows
      }
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
