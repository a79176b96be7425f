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
  /// The number of dates that do not count.
  let otherDates: Int
  private let history: ChartHistory

  private enum CodingKeys: CodingKey {
    case dates, first, last, unlikeDates, otherDates
  }

  init(_ history: ChartHistory) {
    dates = history.dates
    first = history.first.description
    last = history.last.description
    unlikeDates = history.unlikeDates
    otherDates = history.otherDates
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
      switch (dates, otherDates) {
      case (1, 0): "the only date in the folder, \(last)"
      case (1, _): last
      case (_, 0): "the \(grouped(dates)) dates in the folder from \(first) to \(last)"
      default: "\(grouped(dates)) dates from \(first) to \(last)"
      }
    let unlike =
      unlikeDates == 0
      ? ""
      : "; \(grouped(unlikeDates)) of them cover\(unlikeDates == 1 ? "s" : "") another number of days than \(last)"
    let others =
      otherDates == 0
      ? ""
      : "; \(counted(otherDates, "date")) with another --top or from another version "
        + "\(otherDates == 1 ? "does" : "do") not count"
    return "peak, days: best rank, and dates in the chart, of \(span)\(unlike)\(others)\n"
  }
}
