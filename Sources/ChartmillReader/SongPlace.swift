internal import ChartmillCore
package import ChartmillModel

/// A song in the chart of a country.
package struct SongPlace: Sendable, Equatable {
  package let country: CountryCode
  /// The rank, from 1.
  package let rank: Int
  package let streams: UInt64
  /// All streams of the country, those of songs below the chart included.
  package let countryStreams: Int
}

extension ChartLookup {
  /// The charts of countries that have a song, ordered by rank, then by streams, most first, then by
  /// code.
  ///
  /// Time: the time to read the country file, a few milliseconds.
  package func places(ofSong song: UInt64) throws -> [SongPlace] {
    let all = manifest.totals.streamsByCountry.reduce(into: [:]) { $0[$1.country] = $1.streams }
    var places: [SongPlace] = []
    var charts = try countryCharts()
    while let (country, songs) = try charts.next() {
      guard let index = songs.firstIndex(where: { $0.song == song }) else { continue }
      places.append(
        SongPlace(
          country: country, rank: index + 1, streams: songs[index].streams,
          countryStreams: all[country.description] ?? 0))
    }
    return places.sorted {
      ($0.rank, $1.streams, $0.country) < ($1.rank, $0.streams, $1.country)
    }
  }
}
