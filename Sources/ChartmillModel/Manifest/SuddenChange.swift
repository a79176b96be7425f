/// What is out of the ordinary on the last day of a window, against the days before it: a log that
/// was cut off or delivered twice, an exporter that broke, a country that no longer sends.
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
  /// The median of the other days. Not their mean: the one bad day of last week, which was warned
  /// of then, would shift it, and a median of days that are alike is the same.
  package let usual: Int
  package let found: Int

  /// How many days before the last one are compared with it, so that memory has a bound in the
  /// longest window. Four weeks hold each weekday four times.
  package static let maxDays = 28
  /// With fewer other days there is no telling what is usual.
  private static let minDays = 3
  /// A usual day must have this many rows. If streams came by chance alone, half of 120 would already
  /// be rarer than 1 in 10^8 days (Chernoff's bound, e^−0.153n); they come by users, some ten or more
  /// at once.
  private static let minRows = 1000
  /// Fewer bad rows than this are no matter, however few are usual.
  private static let minBadRows = 100
  /// A country must have had this many streams on each of the other days. Twenty users who each
  /// listen or not by chance are all absent on 1 in 10^8 days (e^−20 = 2·10^−9), and ten streams a
  /// day is much for one user. The smallest day counts instead of the usual one, because in a small
  /// country one user may make the difference.
  private static let minStreams = 200

  /// The changes on `day`, rows first, countries last and by code; none when there are no counts of
  /// the day, or too few of the `maxDays` before it.
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
    for country in others[0].streamsByCountry.keys.sorted()
    where last.streamsByCountry[country] == nil {
      let streams = others.map { $0.streamsByCountry[country] ?? 0 }
      if streams.allSatisfy({ $0 >= minStreams }) {
        add(.countryGone, country, usual: median(streams), found: 0)
      }
    }
    return changes
  }

  /// The lower one of the middle two of an even number.
  private static func median(_ values: [Int]) -> Int {
    values.sorted()[(values.count - 1) / 2]
  }
}
