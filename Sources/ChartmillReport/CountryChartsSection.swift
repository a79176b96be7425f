internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The heads of the charts of the countries with most streams, with their movement.
struct CountryChartsSection {
  /// Of a chart: those that are shown, and those that are folded below. `chartmill show` has all.
  private static let (shownSongs, mostSongs) = (5, 50)

  private let report: PublishedReport

  init(_ report: PublishedReport) {
    self.report = report
  }

  var html: HTML {
    if report.charts.isEmpty { return "" }
    return """
      <section>
      <h2>Charts</h2>
      <p>\(introduction)</p>
      <div class="charts">
      \(report.charts.map(card))</div>
      </section>

      """
  }

  private var introduction: String {
    let countries =
      report.charts.count == 1 ? "The country" : "The \(report.charts.count) countries"
    let text = "\(countries) with most streams, songs by their ids."
    guard let before = report.before else {
      return text + " No earlier date is published here, so nothing is said of movement."
    }
    let unlike =
      report.comparable == nil
      ? ", which are of \(before.window.coveredDays) of \(counted(before.window.days, "day")): "
        + "places differ for that too" : ""
    return text + " Movement is since the charts of \(before.date.long)\(unlike)."
  }

  private func card(_ chart: PublishedReport.CountryChart) -> HTML {
    let songs = chart.movement.songs
    let code = chart.country.description
    let shown = songs.prefix(Self.shownSongs)
    var head = table(
      "chart-\(code)", "Chart of \(code), its head and what moved most", Array(shown))
    if report.before != nil {
      head.rows += movers(songs.dropFirst(Self.shownSongs)).map(cells)
      head.apart = shown.count
    }
    let rest = songs.prefix(Self.mostSongs).dropFirst(Self.shownSongs)
    let restTable = table(
      "chart-\(code)-rest", "Chart of \(code) from rank \(Self.shownSongs + 1)", Array(rest))
    return """
      <article>
      <h3>\(code)</h3>
      <p class="note">\(streams(of: code))\(report.before == nil ? "" : summary(chart.movement))</p>
      \(head.html)
      \(rest.isEmpty ? "" : restTable.folded("Down to rank \(Self.shownSongs + rest.count)"))
      </article>

      """
  }

  private func streams(of code: String) -> String {
    let totals = report.manifest.totals
    let streams = totals.streamsByCountry.first { $0.country == code }?.streams ?? 0
    return "\(grouped(streams)) streams, \(percent(streams, of: totals.streams)) of all. "
  }

  private func summary(_ movement: ChartMovement) -> String {
    let places = movement.songs.compactMap(\.climb)
    let (up, down) = (places.filter { $0 > 0 }.count, places.filter { $0 < 0 }.count)
    return "Of \(counted(movement.songs.count, "song")) \(up) up, \(down) down, "
      + "\(places.count - up - down) the same, \(movement.songs.count - places.count) new; "
      + "\(movement.left.count) left."
  }

  /// What went up and down furthest, and the highest new one, by rank; of equals the higher one.
  private func movers(_ songs: ArraySlice<ChartMovement.Song>) -> [ChartMovement.Song] {
    let climbs = songs.filter { ($0.climb ?? 0) > 0 }
    let falls = songs.filter { ($0.climb ?? 0) < 0 }
    return [
      climbs.max { ($0.climb ?? 0) < ($1.climb ?? 0) },
      falls.max { ($0.climb ?? 0) > ($1.climb ?? 0) },
      songs.first { $0.before == nil },
    ].compactMap(\.self).sorted { $0.now.rank < $1.now.rank }
  }

  private func table(
    _ id: String, _ caption: String, _ songs: [ChartMovement.Song]
  ) -> ReportTable {
    ReportTable(
      id: id, caption: caption,
      columns: [.number("Rank")] + (report.before == nil ? [] : [.text("Move")])
        + [.number("Song"), .number("Streams")],
      rows: songs.map(cells), hidesCaption: true)
  }

  private func cells(_ song: ChartMovement.Song) -> [HTML] {
    ["\(song.now.rank)"] + (report.before == nil ? [] : [movement(song)])
      + ["\(String(song.song))", "\(grouped(Int(song.now.streams)))"]
  }

  private func movement(_ song: ChartMovement.Song) -> HTML {
    guard let before = song.before?.rank else { return "<span class=\"up\">new</span>" }
    let now = song.now.rank
    if before == now { return "<span class=\"note\">same</span>" }
    return before > now
      ? "<span class=\"up\">\u{25B2} up \(before - now)</span>"
      : "<span class=\"down\">\u{25BC} down \(now - before)</span>"
  }
}

extension ChartMovement.Song {
  /// Places up, or, below 0, down; nil when it is new.
  fileprivate var climb: Int? { before.map { $0.rank - now.rank } }
}
