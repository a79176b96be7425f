internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The top of the charts of the countries with the most streams, and how they moved.
struct CountryChartsSection {
  /// How many songs of a chart are always visible, and how many there are together with the folded
  /// ones.
  private static let (shownSongs, maxSongs) = (5, 50)

  private let report: PublishedReport
  private let titles: [UInt64: ReportTitle]

  init(_ report: PublishedReport, _ titles: [UInt64: ReportTitle]) {
    self.report = report
    self.titles = titles
  }

  var html: HTML {
    if report.charts.isEmpty { return "" }
    return """
      <section>
      <h2>Charts</h2>
      <p>\(introduction)</p>
      <div class="charts\(titles.isEmpty ? "" : " titled")">
      \(report.charts.map(card))</div>
      </section>

      """
  }

  private var introduction: String {
    let charts =
      report.charts.count == 1
      ? "The chart of the country" : "The charts of the \(report.charts.count) countries"
    let text =
      "\(charts) with the most streams."
      + (titles.isEmpty ? " Songs are listed by id." : "")
    guard let previous = report.previous else {
      return text + " This folder has no previous charts to compare with."
    }
    let isUnlike = report.comparable == nil
    return text + " Moves are since \(report.inWords(previous))."
      + (isUnlike ? " They cover \(previous.window.coverage), which also changes ranks." : "")
  }

  private func card(_ chart: PublishedReport.CountryChart) -> HTML {
    let songs = chart.movement.songs
    let (code, label) = (chart.country.description, chart.country.label)
    let shown = songs.prefix(Self.shownSongs)
    var head = table(
      "chart-\(code)", "Top of the chart of \(label), and its largest moves", Array(shown))
    if report.previous != nil {
      head.rows += movers(songs.dropFirst(Self.shownSongs)).map(cells)
      head.apart = shown.count
    }
    let rest = songs.prefix(Self.maxSongs).dropFirst(Self.shownSongs)
    let restTable = table(
      "chart-\(code)-rest", "Chart of \(label) from rank \(Self.shownSongs + 1)", Array(rest))
    return """
      <article>
      <h3>\(label)</h3>
      <p class="note">\(streams(of: code))\(report.previous == nil ? "" : summary(chart.movement))</p>
      \(head.html)
      \(rest.isEmpty ? "" : restTable.folded(ranks(rest.count)))
      </article>

      """
  }

  /// The ranks of the songs that are folded.
  private func ranks(_ count: Int) -> String {
    let first = Self.shownSongs + 1
    return count == 1 ? "Rank \(first)" : "Ranks \(first) to \(Self.shownSongs + count)"
  }

  private func streams(of code: String) -> String {
    let totals = report.manifest.totals
    let streams = totals.streamsByCountry.first { $0.country == code }?.streams ?? 0
    return "\(counted(streams, "stream")), \(percent(streams, of: totals.streams)) of all. "
  }

  private func summary(_ movement: ChartMovement) -> String {
    let places = movement.songs.compactMap(\.climb)
    let (up, down) = (places.filter { $0 > 0 }.count, places.filter { $0 < 0 }.count)
    return "\(counted(movement.songs.count, "song")): \(up) up, \(down) down, "
      + "\(places.count - up - down) unchanged, \(movement.songs.count - places.count) new. "
      + "Dropped out: \(movement.left.count)."
  }

  /// The songs that rose and fell the most, and the highest new one, by rank. Ties go to the higher
  /// rank.
  private func movers(_ songs: ArraySlice<ChartMovement.Song>) -> [ChartMovement.Song] {
    let climbs = songs.filter { ($0.climb ?? 0) > 0 }
    let falls = songs.filter { ($0.climb ?? 0) < 0 }
    return [
      climbs.max { ($0.climb ?? 0) < ($1.climb ?? 0) },
      falls.max { ($0.climb ?? 0) > ($1.climb ?? 0) },
      songs.first { $0.previous == nil },
    ].compactMap(\.self).sorted { $0.current.rank < $1.current.rank }
  }

  private func table(
    _ id: String, _ caption: String, _ songs: [ChartMovement.Song]
  ) -> ReportTable {
    ReportTable(
      id: id, caption: caption,
      columns: [.number("Rank")] + (report.previous == nil ? [] : [.text("Move")])
        + [titles.isEmpty ? .number("Song") : .text("Song"), .number("Streams")],
      rows: songs.map(cells), hidesCaption: true)
  }

  private func cells(_ song: ChartMovement.Song) -> [HTML] {
    ["\(song.current.rank)"] + (report.previous == nil ? [] : [movement(song)])
      + [name(of: song.song), "\(grouped(Int(song.current.streams)))"]
  }

  /// The title and the artist of a song, or its id.
  private func name(of song: UInt64) -> HTML {
    guard let title = titles[song] else { return "\(String(song))" }
    return
      """
      <span class="song">\(safe: title.title)</span><span class="song note">\(safe: title.artist)</span>
      """
  }

  private func movement(_ song: ChartMovement.Song) -> HTML {
    guard let previous = song.previous?.rank else { return "<span class=\"up\">new</span>" }
    let current = song.current.rank
    if previous == current { return "<span class=\"note\">same</span>" }
    return previous > current
      ? "<span class=\"up\">\u{25B2} up \(previous - current)</span>"
      : "<span class=\"down\">\u{25BC} down \(current - previous)</span>"
  }
}

extension ChartMovement.Song {
  /// How many ranks the song rose; negative if it fell, nil if it is new.
  fileprivate var climb: Int? { previous.map { $0.rank - current.rank } }
}
