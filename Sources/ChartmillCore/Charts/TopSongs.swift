internal import ChartmillSystem

/// The songs with most streams, best first: more streams before fewer, ties by smaller song id.
///
/// A sorted array that insertions keep sorted. A song that does not make it costs one comparison;
/// songs come in ascending id, so among equals the one that is there already stays ahead.
@safe package struct TopSongs {
  let limit: Int
  private(set) var count = 0
  let songs: UnsafeMutablePointer<UInt64>
  let streams: UnsafeMutablePointer<UInt64>

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

  /// Time: the places it moves ahead by.
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
