import Testing

@testable import ChartmillCore
@testable import ChartmillSynth

@Suite struct TopSongsTests {
  /// Songs are inserted in any order, with many ties. The chart has the same songs as the beginning
  /// of a sorted list.
  @Test(arguments: [1, 2, 3, 50, 1000])
  func keepsTheSongsThatSortingPutsFirst(limit: Int) {
    let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * limit)
    defer { memory.deallocate() }
    var top = TopSongs(limit: limit, memory: memory)
    for count in [0, 1, limit - 1, limit, limit + 1, 3 * limit, 5000] {
      for maxStreams in [UInt64(1), 3, 1000, .max] {
        for ascends in [true, false] {
          var random = RandomStream(seed: UInt64(count) &+ maxStreams)
          var songs = (0..<count).map { ($0 * 3, 1 + random.next() % maxStreams) }
          if !ascends { songs.shuffle(using: &random) }
          top.removeAll()
          for (song, streams) in songs { top.insert(song: UInt64(song), streams: streams) }
          let best = songs.sorted { $0.1 > $1.1 || ($0.1 == $1.1 && $0.0 < $1.0) }.prefix(limit)
          #expect(top.count == best.count)
          #expect((0..<top.count).map { top.songs[$0] } == best.map { UInt64($0.0) })
          #expect((0..<top.count).map { top.streams[$0] } == best.map(\.1))
        }
      }
    }
  }
}
