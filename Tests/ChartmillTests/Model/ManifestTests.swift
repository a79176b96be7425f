import Testing

@testable import ChartmillModel

@Suite struct ManifestTests {
  private func manifest() throws -> Manifest {
    let last = try #require(Day(yyyymmdd: "20260705"))
    let tallies = [
      Manifest.Tally(name: "user id", rows: 2), Manifest.Tally(name: "blank", rows: 1),
    ]
    return Manifest(
      date: last,
      window: .init(first: last.advanced(by: -6), last: last, days: 7, missing: [last]),
      partitions: 64, top: 50, rules: "249 countries",
      inputs: [
        .init(
          name: "listen-20260704.log.gz", day: last.advanced(by: -1), reading: .gzip, bytes: 100,
          textBytes: 300, textCRC32: 0xbeef, accepted: 10, rejected: 3, rejectedByReason: tallies,
          repairedByRule: [])
      ],
      totals: .init(
        logs: 1, accepted: 10, rejected: 3, rejectedByReason: tallies, repairedByRule: [],
        samples: [
          .init(
            reason: "user id", file: "listen-20260704.log.gz", line: 4,
            text: Array("1|\u{1B}[31m\"|FR".utf8) + [0xff], isCut: true)
        ], users: 4, countries: 2, streams: Int.max, usersByStreams: [3, 0, 1],
        streamsByCountry: [.init(country: "FR", streams: 9)]),
      outputs: [
        .init(
          name: "country_top50_20260705.txt", bytes: 9, lines: 1, crc32: 0xffff_ffff,
          partitionStarts: [0])
      ],
      run: .init(
        codec: "zlib", threads: 2, memoryBudget: 256 << 20, peakResident: 40 << 20,
        spillBytes: 123, spillRuns: 4,
        seconds: .init(rollup: 1.23456, chart: 0.5, publish: .nan, total: 1.75)))
  }

  @Test func decodingGivesWhatWasEncoded() throws {
    let manifest = try manifest()
    #expect(try Manifest(json: manifest.encoded()) == manifest)
  }

  @Test func theTextIsExact() throws {
    let text = String(decoding: try manifest().encoded(), as: UTF8.self)
    #expect(
      text.hasPrefix(
        "{\n  \"chartFormat\" : \"text\",\n  \"date\" : \"20260705\",\n  \"format\" : 6,\n"))
    #expect(text.hasSuffix("}\n"))
    #expect(text.contains(#""textCRC32":"0000beef""#))
    #expect(text.contains(#""rollup" : 1.235"#))
    #expect(text.contains(#""streams" : 9223372036854775807"#))
    // The text is escaped for terminals, and then for JSON.
    #expect(text.contains(#""text" : "1|\\x1b[31m\"|FR\\xff ...""#))
  }

  @Test func runsOfTheSameLogsDifferOnlyUnderTheKeyRun() throws {
    var left = try manifest()
    var right = left
    right.run = .init(
      version: "9.9", codec: "isa-l", threads: 8, memoryBudget: 32 << 20, peakResident: 1,
      spillBytes: 0, spillRuns: 0, seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0))
    #expect(left.encoded() != right.encoded())
    left.run = right.run
    #expect(left.encoded() == right.encoded())
  }

  @Test func anotherFormatIsRefused() throws {
    let text = String(decoding: try manifest().encoded(), as: UTF8.self)
    let other = text.split(separator: "\"format\" : \(Manifest.format)", maxSplits: 1).joined(
      separator: "\"format\" : 7")
    #expect(throws: ManifestError.unknownFormat(7)) { try Manifest(json: Array(other.utf8)) }
  }

  @Test(arguments: [
    ("", ""), ("[]", ""), ("{}", "format"), (#"{"format": 6}"#, "date"),
    (#"{"format": 6, "date": "20260230"}"#, "date"),
  ])
  func theErrorNamesTheKeyThatIsWrong(_ text: String, _ key: String) throws {
    #expect(throws: ManifestError.malformed(key: key)) { try Manifest(json: Array(text.utf8)) }
  }
}
