internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// One song in the charts of all countries: a table for people, and an object for programs.
struct ShownSong: Encodable {
  struct Place: Encodable {
    let country: String
    let rank: Int
    let streams: UInt64
    /// The share of all streams of the country, 0 … 1.
    let share: Double
    /// Nil without a history.
    let peak: Int?
    let days: Int?
    fileprivate let label: String
    fileprivate let countryStreams: Int

    private enum CodingKeys: CodingKey {
      case country, rank, streams, share, peak, days
    }
  }

  let window: ShownWindow
  let song: UInt64
  /// Nil without a file of titles, or if it has none for the song.
  let title: String?
  let artist: String?
  let countries: [Place]
  let history: ShownHistory?
  private let heading: String
  /// The number of countries that have a chart.
  private let charts: Int

  private enum CodingKeys: String, CodingKey {
    case window, title, artist, countries, history
    case song = "sng_id"
  }

  init(
    _ song: UInt64, _ places: [SongPlace], _ manifest: Manifest, _ titles: ShownTitles?,
    _ history: ShownHistory?
  ) throws {
    window = ShownWindow(manifest.window)
    self.song = song
    let title = try titles?.title(of: song)
    self.title = title?.title
    artist = title?.artist
    self.history = history
    let name = title.map { ", \(SafeText(title: $0.title)) by \(SafeText(title: $0.artist))" } ?? ""
    heading = "song \(song)\(name), \(span(manifest.window))"
    charts = manifest.totals.countries
    countries = places.map { place in
      let record = history?.record(of: song, in: place.country)
      return Place(
        country: place.country.description, rank: place.rank, streams: place.streams,
        share: Double(place.streams) / Double(max(1, place.countryStreams)), peak: record?.peak,
        days: record?.days, label: place.country.label, countryStreams: place.countryStreams)
    }
  }

  func text(_ palette: Palette) -> String {
    let rows: [[TextTable.Cell]] = countries.map { place in
      [
        "\(place.rank)", .init(place.label), "\(grouped(Int(clamping: place.streams)))",
        "\(percent(Int(clamping: place.streams), of: place.countryStreams))",
      ] + ShownHistory.cells(history, place.peak, place.days)
    }
    let headings = ["rank", "country", "streams", "share"] + ShownHistory.headings(history)
    return "\(heading)\n\n" + TextTable.text(headings, rows, palette, leftAligned: [1])
      + "\nin the charts of \(grouped(countries.count)) of \(grouped(charts)) "
      + (charts == 1 ? "country" : "countries")
      + "; share: part of all streams of the country\n" + (history?.footer ?? "")
  }
}
