package import ChartmillCore

/// How a chart changed from one date to another, as music charts show it.
package struct ChartMovement: Sendable, Equatable {
  /// A place in one of the two charts.
  package struct Place: Sendable, Equatable {
    /// From 1.
    package let rank: Int
    package let streams: UInt64
  }

  package struct Song: Sendable, Equatable {
    package let song: UInt64
    package let now: Place
    /// Nil when the song was not in the chart: its streams were fewer than the last song's there,
    /// not none.
    package let before: Place?
  }

  package struct LeftSong: Sendable, Equatable {
    package let song: UInt64
    package let before: Place
  }

  /// By rank now.
  package let songs: [Song]
  /// Songs of the former chart that are not in the new one, by rank before.
  package let left: [LeftSong]

  /// Compares the first `top` songs of two charts, each without a song twice.
  package init(from before: [ChartedSong], to now: [ChartedSong], top: Int) {
    let before = Self.places(before, top)
    let now = Self.places(now, top)
    let former = Dictionary(uniqueKeysWithValues: before)
    let current = Dictionary(uniqueKeysWithValues: now)
    songs = now.map { song, place in Song(song: song, now: place, before: former[song]) }
    left = before.filter { song, _ in current[song] == nil }
      .map { song, place in LeftSong(song: song, before: place) }
  }

  private static func places(_ chart: [ChartedSong], _ top: Int) -> [(UInt64, Place)] {
    chart.prefix(top).enumerated().map { index, song in
      (song.song, Place(rank: index + 1, streams: song.streams))
    }
  }
}
