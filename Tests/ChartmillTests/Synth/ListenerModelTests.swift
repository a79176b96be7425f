import Testing

@testable import ChartmillSynth

@Suite struct ListenerModelTests {
  @Test func sameSeedSameRows() {
    #expect(rows(1000, seed: 7) == rows(1000, seed: 7))
    #expect(rows(1000, seed: 7) != rows(1000, seed: 8))
  }

  @Test func idsStayInTheirRanges() {
    for (users, songs) in [(1, 1), (2, 3), (1000, 50), (1 << 31, 1 << 31)] {
      for row in rows(2000, users: users, songs: songs) {
        #expect((1...UInt64(users)).contains(row[1]))
        #expect(row[0] < 1 << 31)
      }
    }
  }

  @Test func wideIDsAreTheSameListenersUnderOtherNames() {
    let (narrow, wide) = (rows(20_000), rows(20_000, wideIDs: true))
    for column in 0..<2 {
      let pairs = Set(zip(narrow, wide).map { [$0[column], $1[column]] })
      #expect(Set(pairs.map { $0[0] }).count == pairs.count)
      #expect(Set(pairs.map { $0[1] }).count == pairs.count)
    }
    #expect(narrow.map { $0[2] } == wide.map { $0[2] })
    #expect(wide.contains { $0[1] >> 32 == 1 } && wide.allSatisfy { $0[1] <= 6_500_000_000 })
    #expect(wide.contains { $0[0] >> 31 == 1 } && wide.allSatisfy { $0[0] < 3_600_000_000 })
  }

  @Test func songsAreOfTheCatalogAndEveryUserAppears() {
    let drawn = rows(200_000, users: 100, songs: 50)
    #expect(Set(drawn.map { $0[0] }).count == 50)
    #expect(Set(drawn.map { $0[1] }) == Set(1...100))
  }

  @Test func hitsFollowAZipfDistribution() {
    // P(rank k) = log((k+1)/k) / log(n+1) (see `ListenerModel`), so rank 1 of 10^6 songs has 5 % of
    // the rows.
    var streams: [UInt64: Int] = [:]
    for row in rows(200_000, users: 100_000, songs: 1_000_000) { streams[row[0], default: 0] += 1 }
    let hits = streams.values.sorted(by: >)
    #expect((8_000...13_000).contains(hits[0]))
    #expect(hits[0] > 3 * hits[9] && hits[9] > 3 * hits[99])
  }

  @Test func listenersRepeatSongsAndMostlyStayInOneCountry() {
    var songs: [UInt64: Set<UInt64>] = [:]
    var countries: [UInt64: [UInt64: Int]] = [:]
    let drawn = rows(100_000, users: 200, songs: 80_000_000)
    for row in drawn {
      songs[row[1], default: []].insert(row[0])
      countries[row[1], default: [:]][row[2], default: 0] += 1
    }
    let distinct = songs.values.reduce(0) { $0 + $1.count }
    #expect(distinct < drawn.count * 6 / 10)
    let atHome = countries.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
    #expect(atHome > drawn.count * 97 / 100 && atHome < drawn.count)
  }

  @Test func everyCountryAppears() {
    #expect(CountryWeights.codes.count == 249)
    #expect(Set(CountryWeights.codes).count == 249)
    let wheel = CountryWeights.wheel(slots: 1 << 16)
    #expect(wheel.count == 1 << 16)
    #expect(Set(wheel).count == 249)
  }

  private func rows(
    _ count: Int, users: Int = 500, songs: Int = 10_000, wideIDs: Bool = false, seed: UInt64 = 1
  ) -> [[UInt64]] {
    let model = ListenerModel(users: users, songs: songs, hasWideIDs: wideIDs, seed: seed)
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in
      let row = model.nextRow(from: &random)
      return [row.song, row.user, UInt64(row.country)]
    }
  }
}
