/// Collects the songs of charts, one chart after another, and checks them.
///
/// Memory: 24 bytes times `top`.
package struct SongListChecker {
  private let top: Int
  /// The songs of the current chart so far, in its order.
  package private(set) var songs: [ChartedSong] = []
  private var ids: [UInt64] = []
  /// The streams of all charts so far; `UInt64.max` if their sum does not fit.
  package private(set) var streams: UInt64 = 0

  /// - Parameter top: the maximum number of songs in a chart.
  package init(top: Int) {
    self.top = top
    songs.reserveCapacity(top)
    ids.reserveCapacity(top)
  }

  /// Begins the next chart.
  package mutating func begin() {
    songs.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
  }

  /// Adds the next song of the chart.
  ///
  /// - Throws: `.songs` if the chart is full, `.songOrder` or `.repeatedSong` if the song does not
  ///   come after the previous one.
  package mutating func add(
    _ song: UInt64, _ count: UInt64
  ) throws(ChartDifference.Problem) {
    if songs.count == top { throw .songs(found: top + 1, max: top) }
    if let last = songs.last,
      count > last.streams || (count == last.streams && song <= last.song)
    {
      throw song == last.song ? .repeatedSong(song) : .songOrder(place: songs.count + 1)
    }
    songs.append(ChartedSong(song: song, streams: count))
    ids.append(song)
    let (sum, overflows) = streams.addingReportingOverflow(count)
    streams = overflows ? .max : sum
  }

  /// Checks a complete chart.
  ///
  /// Time: the time that it takes to sort its ids.
  ///
  /// - Throws: `.repeatedSong` if a song is in the chart twice.
  package mutating func checkRepetition() throws(ChartDifference.Problem) {
    ids.sort()
    for index in ids.indices.dropFirst() where ids[index] == ids[index - 1] {
      throw .repeatedSong(ids[index])
    }
  }
}
