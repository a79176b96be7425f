internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The countries by their streams: the largest as bars, all as a table.
struct CountriesSection {
  private static let mostBars = 15

  private let totals: Manifest.Totals
  private let before: Manifest?
  private let former: [String: Int]

  init(_ manifest: Manifest, _ before: Manifest?) {
    totals = manifest.totals
    self.before = before
    former = Dictionary(
      (before?.totals.streamsByCountry ?? []).map { ($0.country, $0.streams) },
      uniquingKeysWith: { first, _ in first })
  }

  var html: HTML {
    """
    <section>
    <h2>Countries</h2>
    \(totals.streamsByCountry.isEmpty ? "<p>No stream was charted.</p>" : tables)
    </section>

    """
  }

  private var tables: HTML {
    let all = totals.largestCountries
    let largest = all.first?.streams ?? 0
    let bars = Array(all.prefix(Self.mostBars))
    let others = all.dropFirst(Self.mostBars)
    let rest = others.reduce(0) { $0 + $1.streams }
    var rows = bars.map { row($0, ofLargest: largest) }
    if !others.isEmpty {
      rows.append(
        [
          "\(counted(others.count, "other").replacing(" ", with: "\u{A0}"))", "",
          "\(grouped(rest))",
          "\(percent(rest, of: totals.streams))",
        ] + (before == nil ? [] : [""]))
    }
    let columns: [ReportTable.Column] =
      [.name("Country"), .drawing("Drawn"), .number("Streams"), .number("Share")]
      + (before.map { [.number("Since \($0.date.short.replacing(" ", with: "\u{A0}"))")] } ?? [])
    let top = ReportTable(
      id: "largest-countries", caption: "Streams of the largest countries", columns: columns,
      rows: rows, hidesCaption: true)
    if others.isEmpty { return top.html }
    let whole = ReportTable(
      id: "streams-by-country", caption: "Streams of all countries",
      columns: columns, rows: all.map { row($0, ofLargest: largest) })
    return "\(top.html)\(whole.folded("All \(totals.countries) countries"))"
  }

  private func row(_ one: Manifest.CountryStreams, ofLargest largest: Int) -> [HTML] {
    let cells: [HTML] = [
      "\(one.country)", Bar.across(Double(one.streams) / Double(max(1, largest))),
      "\(grouped(one.streams))", "\(percent(one.streams, of: totals.streams))",
    ]
    if before == nil { return cells }
    let movement = former[one.country].flatMap { change(from: $0, to: one.streams) } ?? "new"
    return cells + ["\(movement)"]
  }
}
