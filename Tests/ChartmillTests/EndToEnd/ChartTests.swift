import Foundation
import Testing

@testable import ChartmillSynth

extension EndToEnd {
  /// The contents of the charts.
  @Suite struct ChartRules {
    @Test func tiesGoToTheSmallerSong() throws {
      // As text, the ids would sort differently. All 60 songs have one stream.
      let songs = Array(1...60).map { $0 * 7 }
      let book = try LogBook(
        songs.reversed().map { "\($0)|1|FR\n" }.joined() + "1000|1|FR\n1000|1|FR\n")
      let charts = try book.run().charts()
      #expect(
        charts.userLines
          == ["1|1000:2," + songs.prefix(49).map { "\($0):1" }.joined(separator: ",")])
      charts.expect(book.reference())
    }

    @Test(arguments: [1, 2, 10, 50, 1000])
    func topIsTheLengthOfAChart(top: Int) throws {
      var random = RandomStream(seed: 5)
      let book = try LogBook(
        (0..<20_000).map { _ in
          let song = UInt64.random(
            in: 0...UInt64.random(in: 1...1500, using: &random), using: &random)
          return
            "\(song)|\(UInt64.random(in: 0..<8, using: &random))|\(Bool.random(using: &random) ? "FR" : "DE")\n"
        }.joined())
      let charts = try book.run("--top", "\(top)", "--memory", "32MiB").charts(top: top)
      charts.expect(book.reference(), top: top)
      let lengths = charts.userLines.map { $0.split(separator: ",").count }
      #expect(lengths.allSatisfy { $0 <= top })
      #expect(lengths.contains { $0 == top } || top == 1000)
    }

    @Test func aUsersCountryHasMostOfTheirStreams() throws {
      let book = try LogBook("1|1|FR\n1|1|DE\n2|1|DE\n1|2|SE\n1|2|AT\n1|3|US\n", day: "20260705")
      try book.add("5|3|US\n5|2|BR\n1|4|ZW\n1|4|ZW\n1|4|AD\n", day: "20260704")
      let charts = try book.run().charts()
      #expect(Set(charts.userCountryLines) == ["1|DE", "2|AT", "3|US", "4|ZW"])
      charts.expect(book.reference())
    }

    /// One user streams in all countries, most in the last one.
    @Test func aUserMayStreamInAllCountries() throws {
      let codes = ReferenceCharts.iso3166.sorted()
      let book = try LogBook(
        codes.map { "1|1|\($0)\n" }.joined() + "1|1|ZW\n1|2|FR\n"
          + codes.map { "2|3|\($0)\n" }.joined())
      let charts = try book.run().charts()
      charts.expect(book.reference())
      #expect(charts.countryLines.count == 249)
      #expect(Set(charts.userCountryLines) == ["1|ZW", "2|FR", "3|AD"])
    }

    /// The count is far larger than the maximum count of one record.
    @Test func oneSongManyTimes() throws {
      let line = "7|1|FR\n"
      let book = try LogBook()
      try book.add(String(repeating: line, count: 300_000), gzip: true)
      try book.add(String(repeating: line, count: 16), day: "20260704")
      let charts = try book.run("--memory", "32MiB").charts()
      #expect(charts.userLines == ["1|7:300016"])
      #expect(charts.countryLines == ["FR|7:300016"])
    }

    @Test func partitionsChangeOnlyTheOrder() throws {
      let book = try LogBook()
      try book.add(RandomLogs.text(seed: 3, rows: 50_000, users: 3000, songs: 2000))
      let first = try book.run().charts()
      first.expect(book.reference())
      for partitions in [1, 2, 8, 1024] {
        let other = try book.run("--partitions", "\(partitions)").charts()
        other.expectOrder(partitions: partitions)
        #expect(other.country == first.country)
        #expect(other.userLines.sorted() == first.userLines.sorted())
        #expect(other.userCountryLines.sorted() == first.userCountryLines.sorted())
        #expect(other.manifest.partitions == partitions)
      }
      let single = try book.run("--partitions", "1").charts()
      #expect(
        single.userLines
          == single.userLines.sorted {
            Int($0.prefix { $0 != "|" }) ?? 0 < Int($1.prefix { $0 != "|" }) ?? 0
          })
    }

    @Test func aRerunReplacesTheFilesWithTheSameBytes() throws {
      let book = try LogBook("1|2|FR\n")
      let first = try book.run()
      let before = try first.charts()
      let second = try book.run(out: first.out).charts()
      #expect(Charts.hasSameBytes(before, second))
      var (left, right) = (before.manifest, second.manifest)
      left.run = right.run
      #expect(left == right)
      right = left
      try book.add("3|4|DE\n")
      #expect(try book.run(out: first.out).charts().countryLines == ["DE|3:1"])
    }
  }

  /// Ids that are too wide for packed keys.
  @Suite struct WideIDs {
    /// One row in `share` is an outlier, so that none, few, many or all rows are outliers.
    @Test(arguments: [0, 1000, 65, 2, 1], [1, 64])
    func outliers(oneIn share: Int, partitions: Int) throws {
      let book = try LogBook()
      for (index, day) in ["20260703", "20260704", "20260705"].enumerated() {
        var random = RandomStream(seed: UInt64(share * 10 + index))
        var text = ""
        for row in 0..<30_000 {
          let isOutlier = share > 0 && row % share == 0
          // The ids repeat, both within the range of packed keys and beyond it.
          let far: UInt64 = isOutlier ? 1 << 63 - 200 : 0
          let song = UInt64.random(in: 0..<200, using: &random)
          let user = UInt64.random(in: 0..<200, using: &random)
          let which = row / max(share, 1) % 3
          let country = ["FR", "ZW", "AD"].randomElement(using: &random) ?? "FR"
          text += "\(song + (which != 1 ? far : 0))|\(user + (which != 0 ? far : 0))|\(country)\n"
        }
        try book.add(text, day: day)
      }
      let flags = ["--partitions", "\(partitions)"]
      let charts = try book.run(flags + ["--memory", "32MiB"]).charts()
      charts.expect(book.reference(), partitions: partitions)
      for (memory, threads) in [("32MiB", 3), ("256MiB", 1), ("256MiB", 2)] {
        let other = try book.run(flags + ["--memory", memory, "--threads", "\(threads)"]).charts()
        #expect(Charts.hasSameBytes(charts, other))
      }
    }

    /// There is a log for every pair of id widths. All its songs have one width, and all its users
    /// the other.
    @Test(arguments: [1, 4, 64, 1024])
    func everyPairOfWidths(partitions: Int) throws {
      let book = try LogBook()
      var random = RandomStream(seed: 11)
      for (index, (song, user)) in [
        (0, 0), (0, 63), (63, 0), (53, 3), (52, 4), (55, 1), (56, 0), (50, 6), (51, 6), (10, 46),
        (10, 47), (32, 24), (32, 25), (32, 33), (34, 34), (36, 36), (36, 37), (52, 20), (52, 21),
        (9, 63), (10, 63), (63, 63), (1, 1),
      ].enumerated() {
        let lines = (0..<3000).map { _ in
          let song = UInt64.random(in: 0...(1 << UInt64(song) - 1), using: &random)
          let user = UInt64.random(in: 0...(1 << UInt64(user) - 1), using: &random)
          return "\(song)|\(user)|\(["AD", "ZW", "LY"].randomElement(using: &random) ?? "AD")\n"
        }
        try book.add(lines.joined(), part: "-\(index + 10)")
        let alone = try LogBook(lines.joined())
        try alone.run("--partitions", "\(partitions)").charts()
          .expect(alone.reference(), partitions: partitions)
      }
      try book.run("--partitions", "\(partitions)", "--memory", "32MiB").charts()
        .expect(book.reference(), partitions: partitions)
    }
  }
}

/// Random logs from a seed in which songs, users and countries repeat.
enum RandomLogs {
  static func text(seed: UInt64, rows: Int, users: UInt64, songs: UInt64) -> [UInt8] {
    var random = RandomStream(seed: seed)
    var text: [UInt8] = []
    text.reserveCapacity(rows * 20)
    let countries = ["FR", "DE", "BR", "US", "ZW"].map { Array("|\($0)\n".utf8) }
    for _ in 0..<rows {
      // The smaller of two random numbers makes some songs far more popular.
      let song = min(random.next() % songs, random.next() % songs)
      let user = random.next() % users
      text += String(song).utf8
      text.append(UInt8(ascii: "|"))
      text += String(user).utf8
      // Most rows of a user have the same country.
      let isTravelling = random.next() % 8 == 0
      text += countries[Int((isTravelling ? random.next() : user) % UInt64(countries.count))]
    }
    return text
  }
}
