import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillSynth

@Suite struct UserLineSearchTests {
  private static func lines(_ users: some Sequence<UInt64>, seed: UInt64) -> [UInt64: String] {
    var random = RandomStream(seed: seed)
    var lines: [UInt64: String] = [:]
    for user in users { lines[user] = UserFileFixture.chart(&random) }
    return lines
  }

  /// About `count` users with ids of all sizes.
  private static func users(_ count: Int, seed: UInt64) -> Set<UInt64> {
    var random = RandomStream(seed: seed)
    return Set((0..<count).map { _ in random.next() >> UInt64.random(in: 1...55, using: &random) })
  }

  struct Shape: CustomTestStringConvertible {
    let users: Int
    let partitions: Int
    let format: ChartFormat
    let isGzip: Bool
    var testDescription: String {
      "\(users) users, \(partitions) partitions, \(format.rawValue)\(isGzip ? ", gzip" : "")"
    }
  }

  static let shapes = [1, 2, 120].flatMap { users in
    [1, 8, 1024].flatMap { partitions in
      ChartFormat.allCases.flatMap { format in
        [false, true].map {
          Shape(users: users, partitions: partitions, format: format, isGzip: $0)
        }
      }
    }
  }

  /// Searches for every user, and for the ids next to each user's id. These are absent or belong to
  /// other partitions.
  @Test(arguments: shapes)
  func findsExactlyTheUsersInTheFile(_ shape: Shape) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      let users = Self.users(shape.users, seed: seed)
      let file = try UserFileFixture(
        Self.lines(users, seed: seed), partitions: shape.partitions, format: shape.format,
        isGzip: shape.isGzip)
      for user in users {
        for id in [user, user - min(user, 1), user + 1] {
          #expect(try file.find(id) == file.lines[id], "seed \(seed), user \(id)")
        }
      }
      #expect(try file.find(0) == file.lines[0])
      #expect(try file.find(UInt64(Int64.max)) == file.lines[UInt64(Int64.max)])
    }
  }

  /// Ids before the first, between two and after the last user of a partition are absent.
  @Test(arguments: [false, true], [1, 8])
  func absentUsersOfEachPartition(isGzip: Bool, partitions: Int) throws {
    // Every second id of a range has a line.
    let file = try UserFileFixture(
      Self.lines((1000..<1400 as Range<UInt64>).filter { $0 / 8 % 2 == 0 }, seed: 5),
      partitions: partitions, isGzip: isGzip)
    for partition in 0..<partitions {
      #expect(file.users(of: partition).count > 10)
    }
    for id in 900..<1500 as Range<UInt64> { #expect(try file.find(id) == file.lines[id]) }
  }

  /// The result does not depend on how much is read line by line or on where gzip members end.
  @Test(arguments: [1, 300, 1000, 1 << 20], ChartFormat.allCases)
  func everySizeOfReadsAndMembersGivesTheSame(_ size: Int, _ format: ChartFormat) throws {
    let users = Self.users(400, seed: 9)
    let text = try UserFileFixture(
      Self.lines(users, seed: 9), partitions: 2, format: format, isGzip: false)
    let gzip = try UserFileFixture(
      Self.lines(users, seed: 9), partitions: 2, format: format, isGzip: true, memberLines: size)
    for user in users {
      #expect(try text.find(user, scannedBytes: size) == text.lines[user])
      #expect(try gzip.find(user) == gzip.lines[user])
    }
  }

  @Test(arguments: [false, true], ChartFormat.allCases)
  func aFileWithoutUsers(isGzip: Bool, format: ChartFormat) throws {
    let file = try UserFileFixture([:], partitions: 4, format: format, isGzip: isGzip)
    for user in 0..<20 as Range<UInt64> { #expect(try file.find(user) == nil) }
  }

  /// Partition 0 has the header and no user.
  @Test(arguments: [false, true])
  func onlyTheNamesOfColumns(isGzip: Bool) throws {
    let scheme = PartitionScheme(partitions: 4)
    let users = (1..<200 as Range<UInt64>).filter { scheme.splitUser($0).partition > 0 }
    let file = try UserFileFixture(
      Self.lines(users, seed: 4), partitions: 4, format: .csv, isGzip: isGzip)
    for user in 1..<200 as Range<UInt64> { #expect(try file.find(user) == file.lines[user]) }
  }

  /// A line of the maximum length fills what the search reads at once.
  @Test(arguments: ChartFormat.allCases)
  func linesOfTheMaximumLength(_ format: ChartFormat) throws {
    let song = UInt64(Int64.max)
    let chart = (0..<3 as Range<UInt64>).map { "\(song - 2 + $0):\(song)" }.joined(separator: ",")
    let users = (0..<200 as Range<UInt64>).map { song - 3 * $0 }
    let file = try UserFileFixture(
      Dictionary(uniqueKeysWithValues: users.map { ($0, chart) }), partitions: 1, format: format,
      isGzip: false)
    for user in users { #expect(try file.find(user) == chart) }
    #expect(try file.find(song - 1) == nil)
  }

  private func problem(_ body: () throws -> String?) -> ChartDifference? {
    do {
      _ = try body()
    } catch ChartsError.differs(let difference) {
      return difference
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test func theErrorSaysWhereALineIsMalformed() throws {
    let file = try UserFileFixture(
      [1: "5:2", 2: "6:1", 3: "7:1"], partitions: 1, isGzip: false)
    try file.write(Array("1|5:2\n2|6;1\n3|7:1\n".utf8))
    let middle = try #require(problem { () throws in try file.find(2) })
    #expect(middle.line == 2 && middle.start == 0 && middle.problem == .syntax(column: 4))
    // Only the user ids are parsed on the lines that precede it.
    #expect(try file.find(3) == "7:1")
    try file.write(Array("1|5:2\n2|6:1\n3|7:1".utf8))
    let last = try #require(problem { () throws in try file.find(3) })
    #expect(last.line == 3 && last.problem == .noLineEnd)
    try file.write(Array("2|5:2\n1|6:1\n3|7:1\n".utf8))
    #expect(problem { () throws in try file.find(3) }?.problem == .keyOrder)
    try file.write(Array("1|5:2\n1|6:1\n3|7:1\n".utf8))
    #expect(problem { () throws in try file.find(3) }?.problem == .repeatedKey)
  }

  @Test(arguments: [false, true])
  func anotherFileSizeIsAnError(isGzip: Bool) throws {
    let file = try UserFileFixture([1: "5:2"], partitions: 1, isGzip: isGzip)
    let size = file.bytes.count
    for other in [0, size - 1, size + 1] {
      #expect(
        problem { () throws in try file.find(1, storedBytes: other) }?.problem
          == .bytes(found: size, expected: other))
    }
  }

  /// The manifest comes from a run with a different number of partitions, or it was edited.
  @Test(arguments: [false, true])
  func aPartitionThatBeginsElsewhereIsAnError(isGzip: Bool) throws {
    let users = (0..<64 as Range<UInt64>)
    let file = try UserFileFixture(
      Self.lines(users, seed: 3), partitions: 2, isGzip: isGzip, memberLines: 64)
    file.partitionStarts = [0, 0]
    let user = try #require(file.users(of: 1).first)
    #expect(
      problem { () throws in try file.find(user) }?.problem == .partitionStart(1))
  }

  /// Any bytes give a result or an error. In a plain text, most damage does not affect other lines,
  /// and the lines that are found are complete.
  @Test(arguments: [false, true], ChartFormat.allCases)
  func damagedFiles(isGzip: Bool, format: ChartFormat) throws {
    var random = RandomStream(seed: 11)
    let users = Array(Self.users(120, seed: 11)).sorted()
    let file = try UserFileFixture(
      Self.lines(users, seed: 11), partitions: 2, format: format, isGzip: isGzip)
    let whole = file.bytes
    var errors = 0
    for _ in 0..<400 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes[index] = UInt8(ascii: "\n")
        default:
          let end = min(bytes.count, index + 400)
          for place in index..<end { bytes[place] = UInt8(ascii: "9") }
        }
      }
      try file.write(bytes)
      for _ in 0..<3 {
        let user = try #require(users.randomElement(using: &random))
        do { _ = try file.find(user) } catch { errors += 1 }
      }
    }
    #expect(errors > 100)
  }

  /// According to the manifest, partitions begin in the middle of lines and members.
  @Test(arguments: [false, true], [ChartFormat.text, .jsonl])
  func damagedStarts(isGzip: Bool, format: ChartFormat) throws {
    var random = RandomStream(seed: 12)
    let users = Array(Self.users(120, seed: 12)).sorted()
    let file = try UserFileFixture(
      Self.lines(users, seed: 12), partitions: 2, format: format, isGzip: isGzip)
    for _ in 0..<200 {
      file.partitionStarts[1] = Int.random(in: 0...file.bytes.count, using: &random)
      let user = try #require(users.randomElement(using: &random))
      // The line is complete or not found, or there is an error. It is never another user's line.
      do { #expect([nil, file.lines[user]].contains(try file.find(user))) } catch {}
    }
  }
}
