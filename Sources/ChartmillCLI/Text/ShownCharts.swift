internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The chart of a user, of a country, or of a user and their country. People get tables, and
/// programs get an object with the parts that exist.
struct ShownCharts: Encodable {
  struct Chart: Encodable {
    struct Song: Encodable {
      let rank: Int
      let song: UInt64
      /// Nil without a file of titles, or if it has none for the song.
      let title: String?
      let artist: String?
      let streams: UInt64
      /// The share of `listedStreams`, 0 … 1.
      let share: Double
      /// Nil without a history.
      let peak: Int?
      let days: Int?

      private enum CodingKeys: String, CodingKey {
        case rank, title, artist, streams, share, peak, days
        case song = "sng_id"
      }
    }

    /// The streams of the songs in the chart. The streams of other songs are not known here.
    let listedStreams: UInt64
    let songs: [Song]
    let history: ShownHistory?
    private let hasTitles: Bool

    private enum CodingKeys: CodingKey {
      case listedStreams, songs, history
    }

    /// - Parameter country: nil for a user's chart.
    init(
      _ chart: [ChartedSong], of country: CountryCode?, _ titles: ShownTitles?,
      _ history: ShownHistory?
    ) throws {
      hasTitles = titles != nil
      self.history = history
      let sum = chart.reduce(0) { $0 + $1.streams }
      listedStreams = sum
      songs = try chart.enumerated().map { index, song in
        let title = try titles?.title(of: song.song)
        let record = history?.record(of: song.song, in: country)
        return Song(
          rank: index + 1, song: song.song, title: title?.title, artist: title?.artist,
          streams: song.streams, share: Double(song.streams) / Double(sum),
          peak: record?.peak, days: record?.days)
      }
    }
  }

  let window: ShownWindow
  /// The dates, as people read them.
  private let heading: String
  let user: UInt64?
  let country: String?
  private let countryLabel: String?
  let userChart: Chart?
  let countryChart: Chart?

  private enum CodingKeys: String, CodingKey {
    case window, country, userChart, countryChart
    case user = "user_id"
  }

  init(
    _ window: Manifest.Window, user: (id: UInt64, chart: [ChartedSong])?,
    country: (code: CountryCode, chart: [ChartedSong])?, _ titles: ShownTitles? = nil,
    _ userHistory: ShownHistory? = nil, _ countryHistory: ShownHistory? = nil
  ) throws {
    self.window = ShownWindow(window)
    heading = span(window)
    self.user = user?.id
    self.country = country?.code.description
    countryLabel = country?.code.label
    userChart = try user.map { try Chart($0.chart, of: nil, titles, userHistory) }
    countryChart = try country.map { try Chart($0.chart, of: $0.code, titles, countryHistory) }
  }

  func text(_ palette: Palette) -> String {
    var text = ""
    if let user, let userChart {
      text += "user \(user), \(heading)\n\n" + userChart.text(palette)
    }
    if let user, let countryLabel {
      text += "\nuser \(user) streamed most in \(countryLabel)\n\n"
    }
    if let countryLabel, let countryChart {
      text += "\(countryLabel), \(heading)\n\n" + countryChart.text(palette)
    }
    return text
  }
}

extension ShownCharts.Chart {
  fileprivate func text(_ palette: Palette) -> String {
    let rows: [[TextTable.Cell]] = songs.map { song in
      ["\(song.rank)", "\(song.song)"]
        + (hasTitles ? [.init(title: song.title), .init(title: song.artist)] : [])
        + [
          "\(grouped(Int(song.streams)))",
          "\(percent(Int(song.streams), of: Int(listedStreams)))",
        ] + ShownHistory.cells(history, song.peak, song.days)
    }
    let headings =
      ["rank", "song"] + (hasTitles ? ["title", "artist"] : []) + ["streams", "share"]
      + ShownHistory.headings(history)
    return TextTable.text(headings, rows, palette, leftAligned: hasTitles ? [2, 3] : [])
      + "\nshare: part of the \(grouped(Int(listedStreams))) streams listed in this chart\n"
      + (history?.footer ?? "")
  }
}
