import Foundation
import Testing

@testable import ChartmillReader
@testable import ChartmillSynth

/// Titles are found for every song that is wanted, whatever the file holds besides.
@Suite struct SongTitlesTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Reads a file that begins with the heading.
  private func titles(
    _ lines: String, of songs: [UInt64], entriesInMemory: Int = 1000, filterBytes: Int = 1 << 12
  ) throws -> SongTitles {
    try folder.write("sng_id,title,artist\n" + lines, to: "songs.csv")
    let titles = try SongTitles(
      filterBytes: filterBytes, entriesInMemory: entriesInMemory, spillFolder: folder.path)
    for song in songs { titles.want(song) }
    try titles.read(folder.path(of: "songs.csv"))
    return titles
  }

  private func text(_ titles: SongTitles, _ song: UInt64) throws -> String? {
    try titles.title(of: song).map { "\($0.title)/\($0.artist)" }
  }

  /// The fields are those that RFC 4180 gives, and lines that break it are counted.
  @Test func fieldsAreReadAsTheStandardSays() throws {
    let titles = try titles(
      """
      1,One,A
      2,"Two, ""too""\",B
      3,"Three
      lines ""here""
      end","C
      D"\r
      4,12" Mix,E "F" G
      "5","",
      6,Café,\u{1F3B5}

      9223372036854775807,Last,Z
      """, of: [1, 2, 3, 4, 5, 6, 7, .init(Int.max)])
    #expect(try text(titles, 1) == "One/A")
    #expect(try text(titles, 2) == #"Two, "too"/B"#)
    #expect(try text(titles, 3) == "Three\nlines \"here\"\nend/C\nD")
    #expect(try text(titles, 4) == #"12" Mix/E "F" G"#)
    #expect(try text(titles, 5) == "/")
    #expect(try text(titles, 6) == "Café/\u{1F3B5}")
    #expect(try text(titles, 7) == nil)
    #expect(try text(titles, .init(Int.max)) == "Last/Z")
    #expect(titles.counts.songs == 7 && titles.counts.badLines == 0)
  }

  @Test func badLinesAreLeftOutAndCounted() throws {
    let long = String(repeating: "x", count: 4096)
    let lines = [
      "1,One,A", "x,Two,B", "3,Three", "4,Four,D,", "5,\"Five\"x,E", "-6,Six,F", "7,\(long),G",
      "9223372036854775808,Eight,H", "18446744073709551616,Nine,I", ",Ten,J", "11,,", "1,Again,A",
    ]
    let titles = try titles(lines.map { $0 + "\n" }.joined(), of: Array(0...20))
    #expect(titles.counts.songs == 3 && titles.counts.badLines == 9)
    #expect(titles.counts.firstBadLine?.line == 3)
    #expect(titles.counts.firstBadLine?.problem == .id)
    // The first title of a song counts.
    #expect(try text(titles, 1) == "One/A")
    #expect(try text(titles, 11) == "/")
    #expect(try (2...10).allSatisfy { try text(titles, $0) == nil })
  }

  @Test func bytesThatDatabasesRefuseAreReplaced() throws {
    try folder.write(
      Array("sng_id,title,artist\n1,a\0b,".utf8) + [0xff, 0xfe, 10], to: "songs.csv")
    let titles = try SongTitles(filterBytes: 64, entriesInMemory: 300, spillFolder: folder.path)
    titles.want(1)
    try titles.read(folder.path(of: "songs.csv"))
    #expect(try text(titles, 1) == "a\u{FFFD}b/\u{FFFD}\u{FFFD}")
  }

  /// With the smallest memory, entries and texts are in spill files, and the filter lets every song
  /// pass.
  @Test(arguments: [(257, 64), (300, 1 << 16), (50_000, 1 << 16)])
  func manySongsAreFound(entriesInMemory: Int, filterBytes: Int) throws {
    var random = RandomStream(seed: 4)
    var expected: [UInt64: String] = [:]
    var lines = ""
    for index in 0..<20_000 {
      let song = random.next() % 40_000 << (random.next() % 40)
      let (title, artist) = ("Song \(index), \"live\"", String(repeating: "a", count: index % 90))
      if expected[song] == nil { expected[song] = "\(title)/\(artist)" }
      lines += "\(song),\"\(title.replacing("\"", with: "\"\""))\",\(artist)\n"
    }
    let wanted = expected.keys.shuffled(using: &random)
    let titles = try titles(
      lines, of: wanted, entriesInMemory: entriesInMemory, filterBytes: filterBytes)
    for song in wanted { #expect(try text(titles, song) == expected[song]) }
    for _ in 0..<1000 {
      let song = random.next() >> 1
      if expected[song] == nil { #expect(try text(titles, song) == nil) }
    }
    #expect(try folder.names() == ["songs.csv"])
  }

  /// Songs that are not wanted are not kept.
  @Test func theFilterLetsFewOtherSongsPass() throws {
    let filter = try SongFilter(byteCount: 1 << 16)
    var random = RandomStream(seed: 8)
    let songs = (0..<32_768).map { _ in random.next() >> 1 }
    for song in songs { filter.add(song) }
    #expect(songs.allSatisfy(filter.mayContain))
    let others = (0..<100_000).count { _ in filter.mayContain(random.next() >> 1) }
    #expect(others < 1500)
  }

  /// Whatever the bytes are, each record is a song or a bad line, or the file is refused.
  @Test func anyBytesAreReadOrRefused() throws {
    var random = RandomStream(seed: 21)
    let alphabet = Array("0019,,,\"\"\"\n\n\r x\u{FF}".utf8) + [0]
    for round in 0..<1500 {
      let count = Int(random.next() % 60)
      let body = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      try folder.write(Array("sng_id,title,artist\n".utf8) + body, to: "songs.csv")
      let titles = try SongTitles(filterBytes: 64, entriesInMemory: 300, spillFolder: folder.path)
      for song in UInt64(0)..<100 { titles.want(song) }
      do {
        try titles.read(folder.path(of: "songs.csv"))
      } catch let error as SideInputError {
        #expect(error.problem == .openQuote && body.contains(UInt8(ascii: "\"")), "round \(round)")
        continue
      }
      let records = body.split(separator: 10).filter { $0 != [13] }
      #expect(titles.counts.songs + titles.counts.badLines <= records.count, "round \(round)")
      if !body.contains(UInt8(ascii: "\"")) {
        // Without quotes, the fields are what is between the commas.
        let fields = records.map { line in
          (line.last == 13 ? line.dropLast() : line)
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        }
        let good = fields.filter { fields in
          fields.count == 3 && !fields[0].isEmpty && fields[0].allSatisfy { (48...57).contains($0) }
            && UInt64(String(decoding: fields[0], as: UTF8.self)).map { $0 <= Int.max } == true
        }
        #expect(titles.counts.songs == good.count, "round \(round)")
        #expect(titles.counts.badLines == fields.count - good.count, "round \(round)")
        for song in good {
          let id = try #require(UInt64(String(decoding: song[0], as: UTF8.self)))
          if id < 100 { #expect(try titles.title(of: id) != nil, "round \(round)") }
        }
      }
    }
  }

  @Test func filesThatAreNotTitlesAreRefused() throws {
    for (bytes, problem, line) in [
      (Array("".utf8), SideInputError.Problem.noHeading, 1),
      (Array("1,One,A\n".utf8), .noHeading, 1),
      (Array("sng_id,title\n".utf8), .noHeading, 1),
      (Array("sng_id,title,artist\n1,One,A\n2,\"Two,B\n3,Three,C\n".utf8), .openQuote, 3),
      (
        Array("sng_id,title,artist\n1,\"".utf8) + Array(repeating: UInt8(10), count: 1 << 17),
        .openQuote, 2
      ),
      (
        Array("sng_id,title,artist\n".utf8) + Array(repeating: UInt8(65), count: 1 << 17),
        .lineTooLong(max: 64 << 10), 2
      ),
    ] {
      try folder.write(bytes, to: "songs.csv")
      let titles = try SongTitles(filterBytes: 64, entriesInMemory: 300, spillFolder: folder.path)
      let path = folder.path(of: "songs.csv")
      #expect(throws: SideInputError(path: path, line: line, problem)) { try titles.read(path) }
    }
  }
}
