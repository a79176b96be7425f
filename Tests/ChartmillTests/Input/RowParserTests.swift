import Glibc
import Testing

@testable import ChartmillCore
@testable import ChartmillModel

/// The result of parsing a text. The text ends directly before a page that cannot be read, so that
/// a load beyond the text crashes the test.
private struct Parsed: Equatable {
  var rows: [String] = []
  var tally = RejectTally()
  var batches = 0
  /// The line number that follows the last line.
  var line = 1

  init() {}

  init(
    _ text: [UInt8], repair: Bool = false, countries: CountryList = .iso3166,
    occupied: Int = 0
  ) {
    let parser = RowParser(countries: countries, repair: repair)
    let page = 4096
    let byteCount = (text.count + page - 1) / page * page + page
    guard
      let map = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      map != MAP_FAILED
    else { fatalError("mmap") }
    defer { munmap(map, byteCount) }
    mprotect(map + byteCount - page, page, PROT_NONE)
    let buffer = UnsafeMutableRawBufferPointer(
      start: map + byteCount - page - text.count, count: text.count)
    buffer.copyBytes(from: text)

    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: RowBatch.byteCount, alignment: 64)
    defer { memory.deallocate() }
    var batch = RowBatch(memory)
    // The batch has rows of an earlier text, so that it becomes full in the middle of this one.
    for index in 0..<occupied { batch.users[index] = 0 }
    batch.count = occupied
    var skipped = occupied
    var offset = 0
    repeat {
      parser.parse(
        UnsafeRawBufferPointer(buffer), from: &offset, firstLine: &line, into: &batch,
        tally: &tally)
      #expect(batch.count <= RowBatch.capacity)
      var userBits: UInt64 = 0
      var songBits: UInt64 = 0
      for index in skipped..<batch.count {
        let country = countries.code(at: batch.countries[index])
        rows.append("\(batch.songs[index])|\(batch.users[index])|\(country)")
        userBits |= batch.users[index]
        songBits |= batch.songs[index]
      }
      #expect(batch.userBits == userBits && batch.songBits == songBits)
      // A line of 4096 bytes has up to 682 glued rows.
      #expect(offset == text.count || batch.count > RowBatch.capacity - (repair ? 683 : 2))
      batch.removeAll()
      skipped = 0
      batches += 1
    } while offset < text.count
    #expect(tally.lines == line - 1)
    #expect(tally.accepted == rows.count)
  }

  /// Parses the text of `line`.
  init(line: String, repair: Bool = false, countries: CountryList = .iso3166) {
    self.init(Array(line.utf8), repair: repair, countries: countries)
  }

  var reasons: [RejectReason] { RejectReason.allCases.filter { tally.rejected($0) > 0 } }
}

/// Good lines around a line under test. Near the end of a text, the parser does not use its fast
/// path.
private let padding = String(repeating: "3135556|21|FR\n", count: 10)

/// Checks one line with each line end, alone and between other lines.
private func expect(
  _ line: String, gives row: String? = nil, _ reason: RejectReason? = nil, repair: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for end in ["", "\n", "\r\n"] where !(line.isEmpty && end.isEmpty) {
    let alone = Parsed(line: line + end, repair: repair)
    #expect(alone.rows == (row.map { [$0] } ?? []), sourceLocation: sourceLocation)
    #expect(alone.reasons == (reason.map { [$0] } ?? []), sourceLocation: sourceLocation)
    if end.isEmpty { continue }
    let amid = Parsed(line: padding + line + end + padding, repair: repair)
    #expect(amid.tally.accepted == 20 + (row == nil ? 0 : 1), sourceLocation: sourceLocation)
    #expect(amid.rows.dropFirst(10).first == row ?? "3135556|21|FR", sourceLocation: sourceLocation)
    #expect(amid.reasons == alone.reasons, sourceLocation: sourceLocation)
  }
}

@Suite struct RowParserTests {
  @Test func idsAreExactUpTo63Bits() {
    for digits in 1...18 {
      let id = String(repeating: "9", count: digits)
      expect("\(id)|1|FR", gives: "\(id)|1|FR")
      expect("1|\(id)|FR", gives: "1|\(id)|FR")
      let one = "1" + String(repeating: "0", count: digits - 1)
      expect("\(one)|\(id)|DE", gives: "\(one)|\(id)|DE")
    }
    expect("0|0|FR", gives: "0|0|FR")
    expect(
      "9223372036854775807|9223372036854775807|FR",
      gives: "9223372036854775807|9223372036854775807|FR")
    expect("9223372036854775808|1|FR", .songID)
    expect("1|9223372036854775808|FR", .userID)
    expect("9999999999999999999|1|FR", .songID)
    expect("18446744073709551616|1|FR", .songID)
    expect("1|18446744073709551617|FR", .userID)
  }

  @Test func leadingZerosNameTheSameInteger() {
    for zeros in [1, 2, 6, 7, 8, 9, 14, 15, 16, 17, 30, 4000] {
      let zeros = String(repeating: "0", count: zeros)
      expect("\(zeros)42|7|FR", gives: "42|7|FR")
      expect("42|\(zeros)7|FR", gives: "42|7|FR")
      expect("\(zeros)|7|FR", gives: "0|7|FR")
      expect("\(zeros)9223372036854775807|7|FR", gives: "9223372036854775807|7|FR")
    }
  }

  @Test func textThatIsNoIDIsBad() {
    for id in ["", "null", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "1\r", "١", "1/", "1:"] {
      expect("\(id)|7|FR", .songID)
      expect("42|\(id)|FR", .userID)
    }
    expect("1\u{0}|7|FR", .songID)
  }

  @Test func onlyCodesOfTheListAreGood() {
    for index in 0..<UInt8(CountryList.iso3166.count) {
      let code = CountryList.iso3166.code(at: index)
      expect("1|2|\(code)", gives: "1|2|\(code)")
    }
    for code in ["XX", "ZZ", "UK", "EU", "XK", "AA"] { expect("1|2|\(code)", .unknownCountry) }
    for code in [
      "", "F", "FRA", "fr", "Fr", "fR", "F1", "1F", " FR", "FR ", "FR\r\r", "@A", "A[", "É",
    ] {
      expect("1|2|\(code)", .countrySyntax)
    }
    #expect(
      Parsed(line: "1|2|XK\n", countries: .iso3166.adding("XK") ?? .iso3166).rows == ["1|2|XK"])
  }

  @Test func aRowHasThreeFields() {
    for line in [
      "1", "1|2", "1|FR", "|", "1|2|FR|", "|1|2|FR", "1|2|FR3|4|DE", "1,2,FR", " ", "\r\r",
      "1|2|FR|||||||||",
    ] {
      expect(line, .fieldCount)
    }
  }

  @Test func onlyTheFirstReasonCounts() {
    expect("", .blank)
    expect("||", .songID)
    expect("1||", .userID)
    expect("1|2|", .countrySyntax)
    expect("x|y|zz", .songID)
    expect("1|y|XX", .userID)
    expect("x|y|XX|", .fieldCount)
    expect(String(repeating: "x", count: 4097), .lineTooLong)
  }

  @Test func bothLineEndsAreAccepted() {
    let parsed = Parsed(line: "1|2|FR\n3|4|DE\r\n\n\r\n5|6|IT\r\r\n7|8|ES")
    #expect(parsed.rows == ["1|2|FR", "3|4|DE", "7|8|ES"])
    #expect(parsed.tally.rejected(.blank) == 2)
    #expect(parsed.tally.rejected(.countrySyntax) == 1)
    #expect(parsed.line == 7)
    // A carriage return without a line feed belongs to the row.
    #expect(Parsed(line: "1|2|FR\r").reasons == [.countrySyntax])
    #expect(Parsed(line: "").tally == RejectTally())
    #expect(Parsed(line: "").line == 1)
  }

  @Test func linesHaveAtMost4096Bytes() {
    let tail = "|2|FR"
    for (length, reason) in [(4095, nil), (4096, nil), (4097, RejectReason.lineTooLong)] {
      let line = String(repeating: "0", count: length - tail.utf8.count) + tail
      expect(line, gives: reason == nil ? "0|2|FR" : nil, reason)
    }
    let long = Parsed(line: "1|2|FR\n" + String(repeating: "y", count: 100_000) + "\n3|4|DE\n")
    #expect(long.rows == ["1|2|FR", "3|4|DE"])
    #expect(long.tally.samples(.lineTooLong).map(\.line) == [2])
    #expect(long.tally.samples(.lineTooLong).map(\.text.count) == [120])
  }

  @Test func repairIsOptIn() {
    expect("1|2|FR3|4|DE", .fieldCount)
    expect("1,2,FR", .fieldCount)
    expect("1|2|FRFR", .countrySyntax)
  }

  @Test func gluedRowsAreSplit() {
    let parsed = Parsed(
      line: padding + "1|2|FR003|4|DE\r\n5|6|IT7|8|ES\n" + padding + "9|10|FR11|12|GB",
      repair: true)
    #expect(
      parsed.rows.filter { $0 != "3135556|21|FR" } == [
        "1|2|FR", "3|4|DE", "5|6|IT", "7|8|ES", "9|10|FR", "11|12|GB",
      ])
    #expect(parsed.tally.repaired(.gluedRows) == 3)
    #expect(parsed.tally.accepted == 26 && parsed.tally.lines == 23 && parsed.tally.rejected == 0)
    for line in [
      "1|2|FR|4|DE", "1|2|F3|4|DE", "1|2|FRA3|4|DE", "1|2|fr3|4|DE", "1|2|XX3|4|DE",
      "1|2|FR3|4|XX", "1|2|FR3|4|DEDE", "x|2|FR3|4|DE", "1||FR3|4|DE", "1|2|FR3||DE",
      "1|2|FR-3|4|DE", "1|2|FR9223372036854775808|4|DE", "1|2|FR3|4|DE5|6|XX", "1|2|FR3|4|DE|",
      "1|2|FR3|4|DE5", "1|2|FR3|4|DE5|6|", "1|2|FR3|4|DE|5|6|IT", "1|2|FR3|4|DE5|6|ITA",
      "1|2|FR 3|4|DE", "||||",
    ] {
      expect(line, .fieldCount, repair: true)
    }
  }

  @Test(arguments: [2, 3, 4, 10, 682])
  func anyNumberOfGluedRowsIsSplit(count: Int) {
    let rows = (0..<count).map { "\($0 % 10)|7|FR" }
    let glued = rows.joined()
    let parsed = Parsed(line: padding + glued + "\n" + padding, repair: true)
    #expect(parsed.rows.dropFirst(10).prefix(count) == rows[...])
    #expect(parsed.tally.repaired(.gluedRows) == 1 && parsed.tally.rejected == 0)
    #expect(parsed.tally.extraRows == count - 1 && parsed.tally.lines == 21)
    // However many rows still fit in the batch, each row of the line comes exactly once.
    for occupied in [0, 3000, RowBatch.capacity - count - 1, RowBatch.capacity - 2] {
      let again = Parsed(Array((glued + "\n").utf8), repair: true, occupied: occupied)
      #expect(again.rows == rows)
    }
    #expect(Parsed(line: glued, repair: false).reasons == [.fieldCount])
    #expect(Parsed(line: glued + "x", repair: true).reasons == [.fieldCount])
  }

  @Test func lowerCaseCodesAndUKAreRepaired() {
    for (code, meant) in [("fr", "FR"), ("Fr", "FR"), ("fR", "FR"), ("UK", "GB"), ("uk", "GB")] {
      expect("1|2|\(code)", gives: "1|2|\(meant)", repair: true)
    }
    for code in ["xx", "zz", "f1", "UKUK", "frfr", "u", "\u{131}t"] {
      expect("1|2|\(code)", .countrySyntax, repair: true)
    }
    let both = Parsed(line: "1|2|uk\n1|2|UK\n1|2|fr\n", repair: true)
    #expect(both.tally.repaired(.unitedKingdom) == 2)
    #expect(both.tally.repaired(.lowerCaseCountry) == 1)
    // If the list has UK, it stays UK.
    let own = CountryList.iso3166.adding("UK") ?? .iso3166
    #expect(
      Parsed(line: "1|2|UK\n1|2|uk\n", repair: true, countries: own).rows == [
        "1|2|UK", "1|2|UK",
      ])
  }

  @Test func aByteOrderMarkIsRepairedOnlyInTheFirstLine() {
    let mark = "\u{FEFF}"
    for (line, rows, rule) in [
      ("1|2|FR", ["1|2|FR"], RepairRule.byteOrderMark), ("1|2|fr", ["1|2|FR"], .byteOrderMark),
      ("1|2|FR3|4|DE", ["1|2|FR", "3|4|DE"], .gluedRows),
    ] {
      let parsed = Parsed(line: mark + line + "\n" + padding, repair: true)
      #expect(parsed.rows.dropLast(10) == rows[...] && parsed.tally.repaired(rule) == 1)
      #expect(parsed.tally.repaired == 1)
      #expect(Parsed(line: mark + line, repair: false).tally.rejected == 1)
      #expect(Parsed(line: padding + mark + line, repair: true).tally.rejected == 1)
    }
    #expect(Parsed(line: mark, repair: true).reasons == [.fieldCount])
    #expect(Parsed(line: mark + mark + "1|2|FR", repair: true).reasons == [.songID])
  }

  @Test func addedCodesMayHaveADigit() throws {
    let list = try #require(CountryList.iso3166.adding("T1")?.adding("A0"))
    let text = "1|2|T1\n3|4|A0\n5|6|T2\n7|8|FR\n"
    for text in [text, text + padding] {
      let parsed = Parsed(line: text, countries: list)
      #expect(parsed.rows.prefix(3) == ["1|2|T1", "3|4|A0", "7|8|FR"])
      #expect(parsed.tally.rejected(.countrySyntax) == 1 && parsed.tally.rejected == 1)
    }
    #expect(Parsed(line: "1|2|t1", repair: true, countries: list).rows == ["1|2|T1"])
  }

  @Test func commasAreRepaired() {
    expect("1,2,FR", gives: "1|2|FR", repair: true)
    for line in [
      "1,2|FR", "1|2,FR", "1,2,FR,", "1,2", ",,", "1,2,XX", "1,2,FRFR", "1, 2,FR",
      "1,2,3,FR", "1;2;FR",
    ] {
      expect(line, .fieldCount, repair: true)
    }
    #expect(Parsed(line: "1,2,FR", repair: true).tally.repaired(.commas) == 1)
  }

  @Test func doubledCountriesAreRepaired() {
    expect("1|2|DEDE", gives: "1|2|DE", repair: true)
    for line in ["1|2|DEFR", "1|2|XXXX", "1|2|dede", "1|2|DEDEDE", "1|2|DED", "1|2|DE DE"] {
      expect(line, .countrySyntax, repair: true)
    }
    expect("x|2|DEDE", .songID, repair: true)
    expect("1|2|XX", .unknownCountry, repair: true)
    #expect(Parsed(line: "1|2|DEDE", repair: true).tally.repaired(.doubledCountry) == 1)
  }

  @Test func aBatchKeepsRoomForTwoRows() {
    for occupied in RowBatch.capacity - 4...RowBatch.capacity - 2 {
      for text in [
        "1|2|FR3|4|DE\n1|2|FR3|4|DE\n1|2|FR3|4|DE", padding + "1|2|FR3|4|DE\n" + padding,
      ] {
        let parsed = Parsed(Array(text.utf8), repair: true, occupied: occupied)
        #expect(parsed.rows == Parsed(line: text, repair: true).rows)
        #expect(parsed.batches >= 2)
      }
    }
  }

  @Test func aTextMayFillManyBatches() {
    let lines = (0..<10_000).map { "\($0 * 7919)|\($0)|FR" }
    let parsed = Parsed(line: lines.joined(separator: "\n"))
    #expect(parsed.rows == lines)
    #expect(parsed.batches == 3 && parsed.line == 10_001)
  }

  @Test func countLinesCountsLineFeeds() {
    var random = SeededGenerator(seed: 7)
    for count in Array(0...100) + [8159, 8160, 8161, 8192, 20_000] {
      for percent in [0, 5, 100] {
        let text = (0..<count).map { _ in random.below(100) < percent ? UInt8(10) : UInt8(138) }
        let counted = text.withUnsafeBytes { RowParser.countLines($0) }
        #expect(counted == text.count { $0 == 10 })
      }
    }
  }
}

// MARK: - Comparison with the reference

extension RowParserTests {
  private static let alphabet = Array("0123456789|,\r\n FRDEXZfr-\u{0}\u{7f}".utf8) + [0x80, 0xFF]

  private static func randomID(_ random: inout SeededGenerator) -> [UInt8] {
    let digits = [1, 2, 7, 8, 9, 10, 15, 16, 19, 1 + random.below(21)][random.below(10)]
    return (0..<digits).map { _ in UInt8(48 + random.below(10)) }
  }

  private static func randomLine(_ random: inout SeededGenerator) -> [UInt8] {
    let codes = ["FR", "DE", "US", "ZW", "AD", "XX"]
    var line = randomID(&random) + [124] + randomID(&random) + [124]
    line += Array(codes[random.below(random.below(8) == 0 ? 6 : 5)].utf8)
    switch random.below(24) {
    case 0: line += line.suffix(2)
    case 1: line = line.map { $0 == 124 ? 44 : $0 }
    case 2: line += randomLine(&random)
    case 3, 4, 5:
      for _ in 0...random.below(3) {
        let position = random.below(line.count)
        let byte = alphabet[random.below(alphabet.count)]
        switch random.below(3) {
        case 0: line[position] = byte
        case 1: line.insert(byte, at: position)
        default: line.remove(at: position)
        }
        if line.isEmpty { break }
      }
    case 6 where random.below(20) == 0:
      line.insert(contentsOf: [UInt8](repeating: 48, count: 4060 + random.below(50)), at: 0)
    default: break
    }
    return line
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func agreesWithTheReference(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var text: [UInt8] = []
    let lines = seed < 30 ? random.below(60) : 6000
    for _ in 0..<lines {
      text += Self.randomLine(&random)
      text += random.below(3) == 0 ? [13, 10] : [10]
    }
    if random.below(2) == 0, !text.isEmpty { text.removeLast() }
    let occupied = random.below(2) == 0 ? 0 : RowBatch.capacity - 2 - random.below(10)
    for repair in [false, true] {
      let parsed = Parsed(text, repair: repair, occupied: occupied)
      let reference = RowReference(text, repair: repair)
      #expect(parsed.rows == reference.rows, "seed \(seed), repair \(repair)")
      for reason in RejectReason.allCases {
        #expect(
          parsed.tally.rejected(reason) == reference.rejected[reason] ?? 0,
          "seed \(seed), repair \(repair), \(reason)")
        #expect(
          parsed.tally.samples(reason).map(\.line) == reference.firstBadLine[reason] ?? [],
          "seed \(seed), repair \(repair), \(reason)")
      }
      for rule in RepairRule.allCases {
        #expect(
          parsed.tally.repaired(rule) == reference.repaired[rule] ?? 0,
          "seed \(seed), repair \(repair), \(rule)")
      }
    }
  }

  /// If the two codes differ, nobody can know which one is right.
  @Test(arguments: ["FRGR", "FRFE", "FRDE", "FRRF", "FRFRFR", "FRF", "frfr", "XXXX"])
  func onlyADoubledCountryIsRepaired(_ field: String) {
    let line = Array("1|2|\(field)\n".utf8)
    // With more text after the row, the fast path parses it.
    let text = line + Array(String(repeating: "3|4|DE\n", count: 20).utf8)
    let parsed = Parsed(text, repair: true)
    let reference = RowReference(text, repair: true)
    #expect(parsed.rows == reference.rows)
    #expect(parsed.rows.count == 20)
    #expect(parsed.tally.repaired(.doubledCountry) == 0)
    #expect(parsed.tally.rejected == 1)
  }

  /// Lines are truncated to every length and placed at every distance from the end of the text.
  @Test func everyPrefixAgreesWithTheReference() {
    let text = Array(
      "1234567890|1234567|FR\r\n123|00000000000000001|DE\n9999999999999999|8|IT".utf8)
    for count in 0...text.count {
      for start in 0...count {
        let part = Array(text[start..<count])
        let parsed = Parsed(part)
        let reference = RowReference(part, repair: false)
        #expect(parsed.rows == reference.rows, "\(start)..<\(count)")
        #expect(parsed.tally.rejected == reference.rejected.values.reduce(0, +))
      }
    }
  }
}
