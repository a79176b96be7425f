import Testing

@testable import ChartmillCore
@testable import ChartmillSynth

@Suite struct PartitionSchemeTests {
  private static let ids: [UInt64] = {
    var random = RandomStream(seed: 1)
    let maxID = UInt64(Int64.max)
    var ids = [maxID, maxID - 1]
    for bit in 0..<63 {
      let power: UInt64 = 1 << UInt64(bit)
      ids += [power, power - 1, power + 1]
    }
    for _ in 0..<2000 {
      let bits = random.next() % 63 + 1
      ids.append(random.next() >> bits)
    }
    return ids
  }()

  @Test(arguments: 0...10)
  func partitionAndQuotientGiveTheID(bits: Int) {
    let scheme = PartitionScheme(partitions: 1 << bits)
    #expect(scheme.bits == bits && scheme.count == 1 << bits)
    for id in Self.ids {
      let user = scheme.splitUser(id)
      #expect(user.partition < UInt64(scheme.count) && user.quotient == id >> UInt64(bits))
      #expect(scheme.user(partition: user.partition, quotient: user.quotient) == id)
      #expect(scheme.user(atPlace: scheme.place(ofUser: id)) == id)
      #expect(scheme.partition(ofPlace: scheme.place(ofUser: id)) == user.partition)
      for country in [UInt64(0), 1, 128, 255] {
        let song = scheme.splitSong(id, country: country)
        #expect(song.partition < UInt64(scheme.count) && song.quotient == id >> UInt64(bits))
        #expect(
          scheme.song(partition: song.partition, quotient: song.quotient, country: country) == id)
      }
    }
  }

  /// Places are in the order of the user files: by partition, then by id.
  @Test(arguments: [0, 3, 10])
  func placesAreInTheOrderOfTheFiles(bits: Int) {
    let scheme = PartitionScheme(partitions: 1 << bits)
    let users = Self.ids.sorted { scheme.splitUser($0) < scheme.splitUser($1) }
    let places = users.map(scheme.place)
    #expect(places == places.sorted())
  }

  /// Each pair of partition and quotient belongs to exactly one id.
  @Test(arguments: 0...10)
  func itIsABijection(bits: Int) {
    let scheme = PartitionScheme(partitions: 1 << bits)
    let count: UInt64 = 1 << 12
    var users: Set<UInt64> = []
    var songs: Set<UInt64> = []
    for id in 0..<count {
      let user = scheme.splitUser(id)
      let song = scheme.splitSong(id, country: 77)
      users.insert(user.quotient << UInt64(bits) | user.partition)
      songs.insert(song.quotient << UInt64(bits) | song.partition)
    }
    #expect(users == Set(0..<count) && songs == Set(0..<count))
  }

  /// In a partition, quotients have the same order as ids. Partitions have about the same size,
  /// even for ids whose low bits are all the same.
  @Test(arguments: [1, 64, 1024, 4096])
  func partitionsHaveTheSameSizeAndKeepTheOrder(stride: UInt64) {
    let scheme = PartitionScheme(partitions: 64)
    var sizes = [Int](repeating: 0, count: scheme.count)
    for index in 0..<UInt64(64_000) { sizes[Int(scheme.splitUser(index * stride).partition)] += 1 }
    #expect(sizes.allSatisfy { (700...1300).contains($0) }, "\(sizes)")
  }
}
