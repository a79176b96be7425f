import Testing

@testable import ChartmillCore
@testable import ChartmillReader

@Suite struct ChartMovementTests {
  private func chart(_ songs: UInt64...) -> [ChartedSong] {
    songs.enumerated().map { ChartedSong(song: $1, streams: UInt64(100 - $0)) }
  }

  @Test func songsGoUpAndDownAndAreNewOrLeave() {
    let movement = ChartMovement(from: chart(1, 2, 3, 4), to: chart(2, 5, 1, 4), top: 4)
    #expect(movement.songs.map(\.song) == [2, 5, 1, 4])
    #expect(movement.songs.map(\.current.rank) == [1, 2, 3, 4])
    #expect(movement.songs.map(\.previous?.rank) == [2, nil, 1, 4])
    #expect(movement.songs.map(\.current.streams) == [100, 99, 98, 97])
    #expect(movement.songs.map(\.previous?.streams) == [99, nil, 100, 97])
    #expect(movement.left == [.init(song: 3, previous: .init(rank: 3, streams: 98))])
  }

  /// A song below the end of the shorter chart is not new and has not left.
  @Test func chartsOfDifferentLengths() {
    let movement = ChartMovement(from: chart(1, 2), to: chart(2, 1, 3), top: 2)
    #expect(movement.songs.map(\.song) == [2, 1])
    #expect(movement.left.isEmpty)
  }

  @Test func anEmptyChartOnEitherDate() {
    #expect(ChartMovement(from: [], to: chart(1), top: 1).songs.map(\.previous) == [nil])
    #expect(ChartMovement(from: chart(1), to: [], top: 1).left.map(\.song) == [1])
  }
}
