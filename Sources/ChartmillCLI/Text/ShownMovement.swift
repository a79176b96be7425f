internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// How one chart moved: a table as music charts have it for people, an object for programs.
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
    let now: Place?
    let before: Place?
  }

  let user: UInt64?
  let country: String?
  let songs: [Song]
  let left: [Song]

  init(_ movement: ChartMovement, user: UInt64? = nil, country: CountryCode? = nil) {
    self.user = user
    self.country = country?.description
    songs = movement.songs.map { song in
      Song(song: song.song, now: Place(song.now), before: song.before.map(Place.init))
    }
    left = movement.left.map { Song(song: $0.song, now: nil, before: Place($0.before)) }
  }

  func text(_ palette: Palette) -> String {
    let headings = ["rank", "move", "song", "streams", "before"]
    return (user.map { "user \($0)" } ?? country ?? "") + "\n\n"
      + TextTable.text(headings, (songs + left).map(\.cells), palette)
  }
}

extension ShownMovement.Song {
  fileprivate var cells: [TextTable.Cell] {
    [
      "\(now.map { "\($0.rank)" } ?? "left")", movement, "\(song)",
      "\(now.map { grouped(Int($0.streams)) } ?? "-")",
      "\(before.map { grouped(Int($0.streams)) } ?? "-")",
    ]
  }

  private var movement: TextTable.Cell {
    guard let before else { return .init("NEW", .up) }
    guard let now else { return .init("was \(before.rank)", .down) }
    if now.rank == before.rank { return "=" }
    return now.rank < before.rank
      ? .init("up \(before.rank - now.rank)", .up) : .init("down \(now.rank - before.rank)", .down)
  }
}
