package import ChartmillCore

/// How a chart changed from one date to another.
package struct ChartMovement: Sendable, Equatable {
  /// A place in one of the two charts.
  package struct Place: Sendable, Equatable {
    /// The place in the chart, from 1.
    package let rank: Int
    package let streams: UInt64
  }

  package struct Song: Sendable, Equatable {
    package let song: UInt64
    package let current: Place
    /// Nil if the song was not in the previous chart. It may still have had streams.
    package let previous: Place?
  }

  /// A song that left the chart.
  package struct LeftSong: Sendable, Equatable {
    package let song: UInt64
    package let previous: Place
  }

  /// The songs of the current chart, ordered by rank.
  package let songs: [Song]
  /// The songs of the previous chart that are not in the current one, ordered by their rank there.
  package let left: [LeftSong]

  /// The songs of both charts.
  package var allSongs: [UInt64] { songs.map(\.song) + left.map(\.song) }

  /// Compares the first `top` songs of two charts.
  ///
  /// - Precondition: no chart has a song twice.
  package init(from previous: [ChartedSong], to current: [ChartedSong], top: Int) {
    let previous = Self.places(previous, top)
    let current = Self.places(current, top)
    let previousPlaces = Dictionary(uniqueKeysWithValues: previous)
    let currentPlaces = Dictionary(uniqueKeysWithValues: current)
    songs = current.map { song, place in
      Song(song: song, current: place, previous: previousPlaces[song])
    }
    left = previous.filter { song, _ in currentPlaces[song] == nil }
      .map { song, place in LeftSong(song: song, previous: place) }
  }

  private static func places(_ chart: [ChartedSong], _ top: Int) -> [(UInt64, Place)] {
    chart.prefix(top).enumerated().map { index, song in
      (song.song, Place(rank: index + 1, streams: song.streams))
    }
  }
}
