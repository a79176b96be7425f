/// One song of a chart. Its rank is its place there.
public struct ChartedSong: Sendable, Equatable {
  public let song: UInt64
  public let streams: UInt64

  public init(song: UInt64, streams: UInt64) {
    self.song = song
    self.streams = streams
  }
}
