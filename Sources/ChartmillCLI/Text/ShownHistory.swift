internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The peaks and days of songs for `--history`: two columns of a table and a line below it, and an
/// object for programs.
struct ShownHistory: Encodable {
  /// The number of dates that count, and the first and the last of them.
  let dates: Int
  let first: String
  let last: String
  /// The number of dates whose windows have another number of days with rows than the last one.
  let unlikeDates: Int
  private let history: ChartHistory

  private enum CodingKeys: CodingKey {
    case dates, first, last, unlikeDates
  }

  init(_ history: ChartHistory) {
    dates = history.dates
    first = history.first.description
    last = history.last.description
    unlikeDates = history.unlikeDates
    self.history = history
  }

  /// - Parameter country: nil for a user's chart.
  func record(of song: UInt64, in country: CountryCode?) -> ChartHistory.Record? {
    history.record(of: song, in: country)
  }

  static func headings(_ history: ShownHistory?) -> [String] {
    history == nil ? [] : ["peak", "days"]
  }

  static func cells(_ history: ShownHistory?, _ peak: Int?, _ days: Int?) -> [TextTable.Cell] {
    if history == nil { return [] }
    return ["\(peak.map { "\($0)" } ?? "-")", "\(days.map { "\($0)" } ?? "-")"]
  }

  /// The line that says what the columns count.
  var footer: String {
    let span =
      dates == 1
      ? "the only date in the folder, \(last)"
      : "the \(grouped(dates)) dates in the folder from \(first) to \(last)"
    let unlike =
      unlikeDates == 0
      ? ""
      : "; \(grouped(unlikeDates)) of them cover\(unlikeDates == 1 ? "s" : "") another number of days than \(last)"
    return "peak, days: best rank, and dates in the chart, of \(span)\(unlike)\n"
  }
}
