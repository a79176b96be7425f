internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillText

/// The chart of a user, of a country, or of a user and their country. People get tables, and
/// programs get an object with the parts that exist.
struct ShownCharts: Encodable {
  struct Chart: Encodable {
    struct Song: Encodable {
      let rank: Int
      let song: UInt64
      let streams: UInt64
      /// The share of `listedStreams`, 0 … 1.
      let share: Double

      private enum CodingKeys: String, CodingKey {
        case rank, streams, share
        case song = "sng_id"
      }
    }

    /// The streams of the songs in the chart. The streams of other songs are not known here.
    let listedStreams: UInt64
    let songs: [Song]

    init(_ chart: [ChartedSong]) {
      let sum = chart.reduce(0) { $0 + $1.streams }
      listedStreams = sum
      songs = chart.enumerated().map { index, song in
        Song(
          rank: index + 1, song: song.song, streams: song.streams,
          share: Double(song.streams) / Double(sum))
      }
    }
  }

  let from: String
  let to: String
  /// The dates, as people read them.
  private let heading: String
  let user: UInt64?
  let country: String?
  let userChart: Chart?
  let countryChart: Chart?

  private enum CodingKeys: String, CodingKey {
    case from, to, country, userChart, countryChart
    case user = "user_id"
  }

  init(
    _ window: Manifest.Window, user: (id: UInt64, chart: [ChartedSong])?,
    country: (code: CountryCode, chart: [ChartedSong])?
  ) {
    from = window.first.description
    to = window.last.description
    heading = span(window)
    self.user = user?.id
    self.country = country?.code.description
    userChart = user.map { Chart($0.chart) }
    countryChart = country.map { Chart($0.chart) }
  }

  func text(_ palette: Palette) -> String {
    var text = ""
    if let user, let userChart {
      text += "user \(user), \(heading)\n\n" + userChart.text(palette)
    }
    if let user, let country { text += "\nuser \(user) streamed most in \(country)\n\n" }
    if let country, let countryChart {
      text += "\(country), \(heading)\n\n" + countryChart.text(palette)
    }
    return text
  }
}

extension ShownCharts.Chart {
  fileprivate func text(_ palette: Palette) -> String {
    let rows: [[TextTable.Cell]] = songs.map { song in
      [
        "\(song.rank)", "\(song.song)", "\(grouped(Int(song.streams)))",
        "\(percent(Int(song.streams), of: Int(listedStreams)))",
      ]
    }
    return TextTable.text(["rank", "song", "streams", "share"], rows, palette)
      + "\nshare: part of the \(grouped(Int(listedStreams))) streams listed in this chart\n"
  }
}
