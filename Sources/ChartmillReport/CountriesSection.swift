internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The countries by streams: the largest as bars, and all of them in a table.
struct CountriesSection {
  private static let maxBars = 15

  private let totals: Manifest.Totals
  private let previous: Manifest?
  private let previousStreams: [String: Int]

  init(_ manifest: Manifest, _ previous: Manifest?) {
    totals = manifest.totals
    self.previous = previous
    previousStreams = Dictionary(
      (previous?.totals.streamsByCountry ?? []).map { ($0.country, $0.streams) },
      uniquingKeysWith: { first, _ in first })
  }

  var html: HTML {
    """
    <section>
    <h2>Countries</h2>
    \(totals.streamsByCountry.isEmpty ? "<p>No streams were charted.</p>" : tables)
    </section>

    """
  }

  private var tables: HTML {
    let all = totals.largestCountries
    let largest = all.first?.streams ?? 0
    let bars = Array(all.prefix(Self.maxBars))
    let others = all.dropFirst(Self.maxBars)
    let rest = others.reduce(0) { $0 + $1.streams }
    var rows = bars.map { row($0, ofLargest: largest) }
    if !others.isEmpty {
      rows.append(
        [
          "\(counted(others.count, "other").replacing(" ", with: "\u{A0}"))", "",
          "\(grouped(rest))",
          "\(percent(rest, of: totals.streams))",
        ] + (previous == nil ? [] : [""]))
    }
    let columns: [ReportTable.Column] =
      [.name("Country"), .drawing("Bar"), .number("Streams"), .number("Share")]
      + (previous.map { [.number("Since \($0.date.short.replacing(" ", with: "\u{A0}"))")] } ?? [])
    let top = ReportTable(
      id: "largest-countries", caption: "Countries with the most streams", columns: columns,
      rows: rows, hidesCaption: true)
    if others.isEmpty { return top.html }
    let whole = ReportTable(
      id: "streams-by-country", caption: "All countries by streams",
      columns: columns, rows: all.map { row($0, ofLargest: largest) })
    return "\(top.html)\(whole.folded("All \(totals.countries) countries"))"
  }

  private func row(_ one: Manifest.CountryStreams, ofLargest largest: Int) -> [HTML] {
    let cells: [HTML] = [
      "\(one.label)", Bar.across(Double(one.streams) / Double(max(1, largest))),
      "\(grouped(one.streams))", "\(percent(one.streams, of: totals.streams))",
    ]
    if previous == nil { return cells }
    let movement =
      previousStreams[one.country].flatMap { change(from: $0, to: one.streams) } ?? "new"
    return cells + ["\(movement)"]
  }
}
