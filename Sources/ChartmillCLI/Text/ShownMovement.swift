internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// How one chart moved: a table like those of music charts for people, and an object for programs.
struct ShownMovement: Encodable {
  struct Place: Encodable {
    let rank: Int
    let streams: UInt64

    init(_ place: ChartMovement.Place) {
      rank = place.rank
      streams = place.streams
    }
  }

  struct Song: Encodable {
    let song: UInt64
    /// Nil without a file of titles, or if it has none for the song.
    let title: String?
    let artist: String?
    let current: Place?
    let previous: Place?
    /// Nil without a history.
    let peak: Int?
    let days: Int?

    private enum CodingKeys: String, CodingKey {
      case title, artist, current, previous, peak, days
      case song = "sng_id"
    }
  }

  let window: ShownWindow
  let previousWindow: ShownWindow
  let user: UInt64?
  let country: String?
  let songs: [Song]
  let left: [Song]
  let history: ShownHistory?
  private let heading: String
  private let hasTitles: Bool

  private enum CodingKeys: String, CodingKey {
    case window, previousWindow, country, songs, left, history
    case user = "user_id"
  }

  init(
    _ movement: ChartMovement, _ comparison: ChartComparison, user: UInt64? = nil,
    country: CountryCode? = nil, _ titles: ShownTitles?, _ history: ShownHistory?
  ) throws {
    window = ShownWindow(comparison.current.manifest.window)
    previousWindow = ShownWindow(comparison.previous.manifest.window)
    self.user = user
    self.country = country?.description
    heading = user.map { "user \($0)" } ?? country?.label ?? ""
    hasTitles = titles != nil
    self.history = history
    func shown(
      _ song: UInt64, _ current: ChartMovement.Place?, _ previous: ChartMovement.Place?
    ) throws -> Song {
      let title = try titles?.title(of: song)
      let record = history?.record(of: song, in: country)
      return Song(
        song: song, title: title?.title, artist: title?.artist, current: current.map(Place.init),
        previous: previous.map(Place.init), peak: record?.peak, days: record?.days)
    }
    songs = try movement.songs.map { try shown($0.song, $0.current, $0.previous) }
    left = try movement.left.map { try shown($0.song, nil, $0.previous) }
  }

  func text(_ palette: Palette) -> String {
    let headings =
      ["rank", "change", "song"] + (hasTitles ? ["title", "artist"] : []) + ["streams", "previous"]
      + ShownHistory.headings(history)
    let rows = (songs + left).map { $0.cells(hasTitles: hasTitles, history) }
    return heading + "\n\n"
      + TextTable.text(headings, rows, palette, leftAligned: hasTitles ? [3, 4] : [])
  }
}

extension ShownMovement.Song {
  fileprivate func cells(hasTitles: Bool, _ history: ShownHistory?) -> [TextTable.Cell] {
    ["\(current.map { "\($0.rank)" } ?? "-")", movement, "\(song)"]
      + (hasTitles ? [.init(title: title), .init(title: artist)] : [])
      + [
        "\(current.map { grouped(Int($0.streams)) } ?? "-")",
        "\(previous.map { grouped(Int($0.streams)) } ?? "-")",
      ] + ShownHistory.cells(history, peak, days)
  }

  private var movement: TextTable.Cell {
    guard let previous else { return .init("NEW", .up) }
    guard let current else { return .init("left (was \(previous.rank))", .down) }
    let ranks = previous.rank - current.rank
    if ranks == 0 { return "=" }
    return ranks > 0 ? .init("up \(ranks)", .up) : .init("down \(-ranks)", .down)
  }
}
