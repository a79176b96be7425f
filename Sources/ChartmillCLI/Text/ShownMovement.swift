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
    let current: Place?
    let previous: Place?

    private enum CodingKeys: String, CodingKey {
      case current, previous
      case song = "sng_id"
    }
  }

  let user: UInt64?
  let country: String?
  let songs: [Song]
  let left: [Song]

  private enum CodingKeys: String, CodingKey {
    case country, songs, left
    case user = "user_id"
  }

  init(_ movement: ChartMovement, user: UInt64? = nil, country: CountryCode? = nil) {
    self.user = user
    self.country = country?.description
    songs = movement.songs.map { song in
      Song(song: song.song, current: Place(song.now), previous: song.before.map(Place.init))
    }
    left = movement.left.map { Song(song: $0.song, current: nil, previous: Place($0.before)) }
  }

  func text(_ palette: Palette) -> String {
    let headings = ["rank", "change", "song", "streams", "previous"]
    return (user.map { "user \($0)" } ?? country ?? "") + "\n\n"
      + TextTable.text(headings, (songs + left).map(\.cells), palette)
  }
}

extension ShownMovement.Song {
  fileprivate var cells: [TextTable.Cell] {
    [
      "\(current.map { "\($0.rank)" } ?? "-")", movement, "\(song)",
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
