/// A sudden change on the last day of a window, compared with the earlier days. Its cause may be a
/// log that was cut off or delivered twice, a broken exporter, or a country that stopped sending.
package struct SuddenChange: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case fewerRows = "half the rows or fewer"
    case moreRows = "twice the rows or more"
    case moreBadRows = "ten times the bad rows or more"
    case countryGone = "a country is gone"
  }

  package let day: Day
  package let kind: Kind
  /// The country that is gone; nil for the other kinds.
  package let country: String?
  /// The median of the other days. Unlike a mean, it does not change much with a single unusual
  /// day.
  package let usual: Int
  package let found: Int

  /// The maximum number of days that the last day is compared with, so that memory is bounded. Four
  /// weeks have each weekday four times.
  package static let maxDays = 28
  /// The minimum number of other days. Fewer days cannot establish a baseline.
  private static let minDays = 3
  /// The minimum number of rows on a usual day. If streams were independent, a fall from 120 rows
  /// to half of that would already be rarer than once in 10^8 days (Chernoff's bound, e^−0.153n).
  /// But a user has about ten streams or more at once.
  private static let minRows = 1000
  /// The minimum number of bad rows that counts as a change, however few are usual.
  private static let minBadRows = 100
  /// The minimum number of streams of a country on each of the other days. Twenty users who listen
  /// independently are all absent on fewer than 1 in 10^8 days (e^−20 = 2·10^−9), and ten streams
  /// per day are many for one user. Each day must have this many streams, because one user can
  /// decide the median of a small country.
  private static let minStreams = 200

  /// The changes on `day`: rows first, then bad rows, then countries by code. There are none if the
  /// counts of the day are missing, or if fewer than `minDays` of the previous `maxDays` days have
  /// counts.
  package static func changes(on day: Day, _ counts: [DayCounts]) -> [SuddenChange] {
    let others = counts.filter { $0.day < day && $0.day >= day.advanced(by: -maxDays) }
    guard others.count >= minDays, let last = counts.first(where: { $0.day == day }) else {
      return []
    }
    var changes: [SuddenChange] = []
    func add(_ kind: Kind, _ country: String? = nil, usual: Int, found: Int) {
      changes.append(
        SuddenChange(day: day, kind: kind, country: country, usual: usual, found: found))
    }
    let usualRows = median(others.map(\.accepted))
    if usualRows >= minRows {
      if last.accepted <= usualRows / 2 {
        add(.fewerRows, usual: usualRows, found: last.accepted)
      } else if last.accepted / 2 >= usualRows {
        add(.moreRows, usual: usualRows, found: last.accepted)
      }
    }
    let usualBadRows = median(others.map(\.rejected))
    if last.rejected >= minBadRows, last.rejected / 10 >= usualBadRows {
      add(.moreBadRows, usual: usualBadRows, found: last.rejected)
    }
    // Without any rows, every country is gone.
    if last.accepted == 0 { return changes }
    for country in others[0].streamsByCountry.keys.sorted()
    where last.streamsByCountry[country] == nil {
      let streams = others.map { $0.streamsByCountry[country] ?? 0 }
      if streams.allSatisfy({ $0 >= minStreams }) {
        add(.countryGone, country, usual: median(streams), found: 0)
      }
    }
    return changes
  }

  /// The median. If the number of values is even, it is the lower of the two middle values.
  private static func median(_ values: [Int]) -> Int {
    values.sorted()[(values.count - 1) / 2]
  }
}
