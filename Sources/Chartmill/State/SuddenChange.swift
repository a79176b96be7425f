/// What is out of the ordinary on the last day of a window, against the other days of it that have
/// a digest: a log that was cut off, an exporter that broke, a country that stopped to send.
public struct SuddenChange: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case fewerRows = "half the rows or fewer"
    case moreBadRows = "ten times the bad rows or more"
    case countryGone = "a country is gone"
  }

  public let day: Day
  public let kind: Kind
  /// The one that is gone; nil for the other kinds.
  public let country: String?
  /// The median of the other days. Not their mean: the one bad day of last week, which was warned
  /// of then, would shift it, and a median of days that are alike is the same.
  public let usual: Int
  public let found: Int

  /// Of fewer days nobody can say what is usual.
  private static let leastDays = 3
  /// Of a usual day. If streams came by chance alone, half of 120 would already be rarer than 1 in
  /// 10^8 days (Chernoff's bound, e^−0.153n); they come by users, some ten or more at once.
  private static let leastRows = 1000
  /// Fewer bad rows than this are no matter, however few are usual.
  private static let leastBadRows = 100
  /// That a country must have had on each of the other days. Twenty users who each listen or not by
  /// chance are all absent on 1 in 10^8 days (e^−20 = 2·10^−9), and ten streams a day is much for
  /// one user; the least day, not the usual one, as in a small country one user may make the rest.
  private static let leastStreams = 200

  /// The changes on `day`, rows first, countries last and by code; none when there is no record of
  /// the day, or too few of others.
  static func changes(on day: Day, _ records: [DigestRecord]) -> [SuddenChange] {
    let others = records.filter { $0.day != day }
    guard others.count >= leastDays, let last = records.first(where: { $0.day == day }) else {
      return []
    }
    var changes: [SuddenChange] = []
    func add(_ kind: Kind, _ country: String? = nil, usual: Int, found: Int) {
      changes.append(
        SuddenChange(day: day, kind: kind, country: country, usual: usual, found: found))
    }
    let usualRows = median(others.map(\.accepted))
    if usualRows >= leastRows, 2 * last.accepted <= usualRows {
      add(.fewerRows, usual: usualRows, found: last.accepted)
    }
    let usualBadRows = median(others.map(\.rejected))
    if last.rejected >= max(leastBadRows, 10 * usualBadRows) {
      add(.moreBadRows, usual: usualBadRows, found: last.rejected)
    }
    let streams = others.map { $0.streamsByCountry ?? [:] }
    for country in streams[0].keys.sorted() where last.streamsByCountry?[country] == nil {
      let counts = streams.map { $0[country] ?? 0 }
      if counts.allSatisfy({ $0 >= leastStreams }) {
        add(.countryGone, country, usual: median(counts), found: 0)
      }
    }
    return changes
  }

  /// The lower one of the middle two of an even number.
  private static func median(_ values: [Int]) -> Int {
    values.sorted()[(values.count - 1) / 2]
  }
}
