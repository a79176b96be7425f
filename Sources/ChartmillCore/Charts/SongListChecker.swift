/// Collects and checks the songs of charts, one chart after another. Memory: 24 bytes per song of a
/// chart.
package struct SongListChecker {
  private let top: Int
  /// The songs of the current chart so far, in its order.
  package private(set) var songs: [ChartedSong] = []
  private var ids: [UInt64] = []
  /// The streams of all charts so far. The sum saturates.
  package private(set) var streams: UInt64 = 0

  package init(top: Int) {
    self.top = top
    songs.reserveCapacity(top)
    ids.reserveCapacity(top)
  }

  /// Begins a chart.
  package mutating func begin() {
    songs.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
  }

  /// Adds the next song of the chart, and returns what is wrong with its place, or nil.
  package mutating func add(_ song: UInt64, _ count: UInt64) -> ChartDifference.Problem? {
    if songs.count == top { return .songs(found: top + 1, max: top) }
    if let last = songs.last,
      count > last.streams || (count == last.streams && song <= last.song)
    {
      return song == last.song ? .repeatedSong(song) : .songOrder(place: songs.count + 1)
    }
    songs.append(ChartedSong(song: song, streams: count))
    ids.append(song)
    let (sum, overflows) = streams.addingReportingOverflow(count)
    streams = overflows ? .max : sum
    return nil
  }

  /// Reads `song:streams,…` to the end of a text line, and returns what is wrong with it, or nil.
  package mutating func check(_ parser: inout ChartLineParser) -> ChartDifference.Problem? {
    begin()
    repeat {
      let column = parser.column
      guard let song = parser.number(), parser.take(":"), let count = parser.number() else {
        return .syntax(column: parser.column)
      }
      guard count >= 1 else { return .syntax(column: column) }
      if let problem = add(song, count) { return problem }
    } while parser.take(",")
    return parser.isAtEnd ? repetition() : .syntax(column: parser.column)
  }

  /// The first song that the chart has twice, or nil. Called after the chart's last song.
  package mutating func repetition() -> ChartDifference.Problem? {
    ids.sort()
    for index in ids.indices.dropFirst() where ids[index] == ids[index - 1] {
      return .repeatedSong(ids[index])
    }
    return nil
  }
}
