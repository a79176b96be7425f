internal import ChartmillSystem

/// The songs with the most streams, in descending order. Ties are ordered by song id, ascending.
///
/// Insertion keeps an array sorted. A song that does not reach the chart costs one comparison.
@safe package struct TopSongs {
  let limit: Int
  private(set) var count = 0
  let songs: UnsafeMutablePointer<UInt64>
  let streams: UnsafeMutablePointer<UInt64>

  /// The memory for a chart of `limit` songs, in bytes.
  static func byteCount(limit: Int) -> Int { 2 * limit * MemoryLayout<UInt64>.stride }

  /// - Precondition: `limit` is 1 or more.
  init(limit: Int, in arena: Arena) {
    unsafe self.init(limit: limit, memory: arena.allocate(UInt64.self, 2 * limit))
  }

  /// - Precondition: `memory` holds 2 × `limit` values, and `limit` is 1 or more.
  package init(limit: Int, memory: UnsafeMutablePointer<UInt64>) {
    self.limit = limit
    unsafe songs = unsafe memory
    unsafe streams = unsafe memory + limit
  }

  /// Inserts a song if it reaches the chart. Time: linear in the number of places that it moves up.
  @inline(__always)
  package mutating func insert(song: UInt64, streams newStreams: UInt64) {
    var place = count
    if count == limit {
      if !isAhead(song, newStreams, of: limit &- 1) { return }
      place = limit &- 1
    } else {
      count &+= 1
    }
    while place > 0, isAhead(song, newStreams, of: place &- 1) {
      unsafe songs[place] = unsafe songs[place &- 1]
      unsafe streams[place] = unsafe streams[place &- 1]
      place &-= 1
    }
    unsafe songs[place] = song
    unsafe streams[place] = newStreams
  }

  @inline(__always)
  private func isAhead(_ song: UInt64, _ newStreams: UInt64, of place: Int) -> Bool {
    unsafe newStreams > streams[place] || (newStreams == streams[place] && song < songs[place])
  }

  mutating func removeAll() {
    count = 0
  }
}
