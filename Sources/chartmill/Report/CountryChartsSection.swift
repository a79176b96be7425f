internal import Chartmill

/// The heads of the charts of the countries with most streams, with their movement.
struct CountryChartsSection {
  /// Of a chart: `chartmill show` has all of it.
  private static let mostSongs = 10

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
    return text + " Movement is since the charts of \(before.date.long)."
  }

  private func card(_ chart: PublishedReport.CountryChart) -> HTML {
    let songs = chart.movement.songs
    let code = chart.country.description
    let moves = report.before != nil
    let table = ReportTable(
      id: "chart-\(code)", caption: "Chart of \(code)",
      columns: [.number("Rank")] + (moves ? [.text("Move")] : [])
        + [.number("Song"), .number("Streams")],
      rows: songs.prefix(Self.mostSongs).map { song in
        ["\(song.now.rank)"] + (moves ? [movement(song)] : [])
          + ["\(String(song.song))", "\(grouped(Int(song.now.streams)))"]
      }, hidesCaption: true)
    return """
      <article>
      <h3>\(code)</h3>
      \(moves ? summary(chart.movement) : "")
      \(table.html)
      </article>

      """
  }

  private func summary(_ movement: ChartMovement) -> HTML {
    var (up, down, same, new) = (0, 0, 0, 0)
    for song in movement.songs {
      switch song.before?.rank {
      case nil: new += 1
      case let rank? where rank > song.now.rank: up += 1
      case let rank? where rank < song.now.rank: down += 1
      default: same += 1
      }
    }
    let text =
      "Of \(counted(movement.songs.count, "song")) \(up) up, \(down) down, \(same) as they "
    return "<p class=\"note\">\(text)were, \(new) new; \(movement.left.count) left.</p>"
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
