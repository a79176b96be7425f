/// A song in a chart, with its streams.
package struct ChartedSong: Sendable, Equatable {
  package let song: UInt64
  package let streams: UInt64

  package init(song: UInt64, streams: UInt64) {
    self.song = song
    self.streams = streams
  }
}
