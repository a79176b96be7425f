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

    private enum CodingKeys: String, CodingKey {
      case title, artist, current, previous
      case song = "sng_id"
    }
  }

  let user: UInt64?
  let country: String?
  let songs: [Song]
  let left: [Song]
  private let heading: String
  private let hasTitles: Bool

  private enum CodingKeys: String, CodingKey {
    case country, songs, left
    case user = "user_id"
  }

  init(
    _ movement: ChartMovement, user: UInt64? = nil, country: CountryCode? = nil,
    _ titles: ShownTitles?
  ) throws {
    self.user = user
    self.country = country?.description
    heading = user.map { "user \($0)" } ?? country?.label ?? ""
    hasTitles = titles != nil
    songs = try movement.songs.map { song in
      let title = try titles?.title(of: song.song)
      return Song(
        song: song.song, title: title?.title, artist: title?.artist, current: Place(song.now),
        previous: song.before.map(Place.init))
    }
    left = try movement.left.map { song in
      let title = try titles?.title(of: song.song)
      return Song(
        song: song.song, title: title?.title, artist: title?.artist, current: nil,
        previous: Place(song.before))
    }
  }

  func text(_ palette: Palette) -> String {
    let headings =
      ["rank", "change", "song"] + (hasTitles ? ["title", "artist"] : []) + ["streams", "previous"]
    let rows = (songs + left).map { $0.cells(hasTitles: hasTitles) }
    return heading + "\n\n"
      + TextTable.text(headings, rows, palette, leftAligned: hasTitles ? [3, 4] : [])
  }
}

extension ShownMovement.Song {
  fileprivate func cells(hasTitles: Bool) -> [TextTable.Cell] {
    ["\(current.map { "\($0.rank)" } ?? "-")", movement, "\(song)"]
      + (hasTitles ? [.init(title: title), .init(title: artist)] : [])
      + [
        "\(current.map { grouped(Int($0.streams)) } ?? "-")",
        "\(previous.map { grouped(Int($0.streams)) } ?? "-")",
      ]
  }

  private var movement: TextTable.Cell {
    guard let previous else { return .init("NEW", .up) }
    guard let current else { return .init("left (was \(previous.rank))", .down) }
    let ranks = previous.rank - current.rank
    if ranks == 0 { return "=" }
    return ranks > 0 ? .init("up \(ranks)", .up) : .init("down \(-ranks)", .down)
  }
}
