import Foundation
import Testing

@testable import ChartmillSynth

extension EndToEnd {
  /// Which lines count, and the reasons why others do not.
  @Suite struct Rows {
    @Test func bothLineEndsAndALastRowWithout() throws {
      let charts = try LogBook("7|1|FR\r\n7|1|FR\n8|1|FR").run().charts()
      #expect(charts.userLines == ["1|7:2,8:1"])
      #expect(charts.countryLines == ["FR|7:2,8:1"])
      #expect(charts.userCountryLines == ["1|FR"])
      #expect(charts.rejected == [:])
    }

    @Test func idsAreExactTo63Bits() throws {
      let maxID = Int64.max
      var text = ""
      for id in [0, 1, 1 << 53, 1 << 53 + 1, maxID - 1, maxID] { text += "\(id)|\(id)|FR\n" }
      let charts = try LogBook(text + "0009|09|FR\n9|00000000000000000009|FR\n").run().charts()
      #expect(
        Set(charts.userLines)
          == Set(
            [0, 1, 1 << 53, 1 << 53 + 1, maxID - 1, maxID].map { "\($0)|\($0):1" } + ["9|9:2"]))
      #expect(
        charts.countryLines == [
          "FR|9:2,0:1,1:1,9007199254740992:1,9007199254740993:1,9223372036854775806:1,"
            + "9223372036854775807:1"
        ])
    }

    @Test func anIDOf64BitsIsBad() throws {
      let text = """
        9223372036854775808|1|FR
        1|9223372036854775808|FR
        18446744073709551616|1|FR
        1|18446744073709551617|FR
        3|1|FR

        """
      let charts = try LogBook(text).run("--max-bad-rows", "100%").charts()
      #expect(charts.rejected == ["song id": 2, "user id": 2])
      #expect(charts.userLines == ["1|3:1"])
    }

    /// Bad lines, the reason for each, and the rule by which `--repair` accepts it.
    static let badLines: [(line: String, reason: String, repair: String?)] = [
      ("", "blank", nil),
      ("\r", "blank", nil),
      (" ", "field count", nil),
      ("12|FR", "field count", nil),
      ("12 3|FR", "field count", nil),
      ("1|2|FR|", "field count", nil),
      ("1|2|FR|9", "field count", nil),
      ("1|2|FR3|4|DE", "field count", "glued rows"),
      ("1|2|FR|3|4|DE", "field count", nil),
      ("1|2|FR3|4|XX5|6|DE", "field count", nil),
      ("1|2|FR3|4|DE5|6|", "field count", nil),
      ("1|2|XX3|4|DE", "field count", nil),
      ("1|2|FRDE3|4|DE", "field count", nil),
      ("1,2,FR", "field count", "commas"),
      ("1,2|FR", "field count", nil),
      ("1;2;FR", "field count", nil),
      ("|2|FR", "song id", nil),
      ("null|2|FR", "song id", nil),
      ("-1|2|FR", "song id", nil),
      ("+1|2|FR", "song id", nil),
      ("1 |2|FR", "song id", nil),
      ("1.0|2|FR", "song id", nil),
      ("1||FR", "user id", nil),
      ("1|null|FR", "user id", nil),
      ("1|-2|FR", "user id", nil),
      ("1| 2|FR", "user id", nil),
      ("1|2|", "country syntax", nil),
      ("1|2|F", "country syntax", nil),
      ("1|2|FRA", "country syntax", nil),
      ("1|2|fr", "country syntax", "lower-case country"),
      ("1|2|FR ", "country syntax", nil),
      ("1|2|FRFR", "country syntax", "doubled country"),
      ("1|2|FRDE", "country syntax", nil),
      ("1|2|XXXX", "country syntax", nil),
      ("1|2|XK", "unknown country", nil),
      ("1|2|ZZ", "unknown country", nil),
      ("1|2|UK", "unknown country", "UK for GB"),
      (String(repeating: "0", count: 4097 - 5) + "|2|FR", "line too long", nil),
    ]

    @Test(arguments: [false, true], [1, 2])
    func everyBadLineIsCountedUnderItsReason(repair: Bool, threads: Int) throws {
      let good = "5|6|DE\n"
      let book = try LogBook(
        good + Self.badLines.map { "\($0.line)\n" }.joined(separator: good) + good)
      let charts = try book.run(
        ["--max-bad-rows", "100%", "--threads", "\(threads)"] + (repair ? ["--repair"] : [])
      ).charts()
      var rejected: [String: Int] = [:]
      var repaired: [String: Int] = [:]
      for bad in Self.badLines {
        if repair, let rule = bad.repair {
          repaired[rule, default: 0] += 1
        } else {
          rejected[bad.reason, default: 0] += 1
        }
      }
      #expect(charts.rejected == rejected)
      #expect(charts.repaired == repaired)
      charts.expect(book.reference(repair: repair))
      let input = try #require(charts.manifest.inputs.first)
      #expect(input.accepted == charts.manifest.totals.accepted)
      #expect(input.rejected == rejected.values.reduce(0, +))
      // The samples have the right line numbers, in order.
      let samples = charts.manifest.totals.samples.filter { $0.reason == "unknown country" }
      let lines = Self.badLines.indices.filter {
        Self.badLines[$0].reason == "unknown country"
          && !(repair && Self.badLines[$0].repair != nil)
      }
      #expect(samples.map(\.line) == lines.map { 2 * $0 + 2 })
      #expect(samples.map(\.text) == ["1|2|XK", "1|2|ZZ"] + (repair ? [] : ["1|2|UK"]))
    }

    @Test(arguments: [false, true])
    func randomOddRowsAgreeWithTheReference(repair: Bool) throws {
      for seed in UInt64(1)...2 {
        let book = try LogBook()
        for day in ["20260629", "20260704", "20260705"] {
          var random = RandomStream(seed: seed &* 100 &+ (UInt64(day.suffix(2)) ?? 0))
          var text = ""
          for _ in 0..<4000 {
            let song = 1 + UInt64.random(in: 0..<300, using: &random)
            let user = 1 + UInt64.random(in: 0..<200, using: &random)
            let country = ["FR", "DE", "BR", "US"].randomElement(using: &random) ?? "FR"
            if Int.random(in: 0..<4, using: &random) == 0,
              let odd = OddRow.allCases.randomElement(using: &random)
            {
              text += odd.line(song: song, user: user, country: country, random: &random)
            } else {
              text += "\(song)|\(user)|\(country)\n"
            }
          }
          try book.add(text, day: day, gzip: day == "20260704")
        }
        let charts = try book.run(
          ["--max-bad-rows", "100%", "--memory", "32MiB"] + (repair ? ["--repair"] : [])
        ).charts()
        charts.expect(book.reference(repair: repair))
        #expect(charts.manifest.totals.rejected > 1000)
      }
    }

    @Test func theShareOfBadRowsIsALimit() throws {
      let good = String(repeating: "1|2|FR\n", count: 95)
      let atLimit = try LogBook(good + String(repeating: "x\n", count: 5))
      #expect(try atLimit.run().charts().manifest.totals.rejected == 5)
      let over = try LogBook(good + String(repeating: "x\n", count: 6))
      try over.run().expectFailure(65, "6 of 101 rows are bad (5.9%), over the limit of 5%")
      #expect(try over.run("--max-bad-rows", "6%").charts().manifest.totals.rejected == 6)
      try over.run("--max-bad-rows", "0").expectFailure(65, "over the limit of 0%")
      try LogBook("x\n").run().expectFailure(65)
    }

    /// A log has no good row, or none at its beginning, or all its ids are 0.
    @Test(arguments: [1, 4, 64, 1024])
    func logsWithoutGoodRowsAndLogsOfZeroIDs(partitions: Int) throws {
      let flags = ["--max-bad-rows", "100%", "--partitions", "\(partitions)"]
      try LogBook("x\n").run(flags).expectFailure(
        65, "no accepted rows for 20260629 to 20260705: the logs contain only 1 bad row")
      let zeros = try LogBook("0|0|FR\n0|0|ZW\n0|0|FR")
      try zeros.run(flags).charts().expect(zeros.reference())
      let late = try LogBook(String(repeating: "bad row\n", count: 100_000) + "1|2|FR\n0|0|DE\n")
      try late.run(flags).charts().expect(late.reference())
    }

    @Test func tooManyBadRowsLeaveOldChartsAlone() throws {
      let book = try LogBook("1|2|FR\n")
      let first = try book.run()
      let before = try first.charts()
      try book.add("1|2|FR\nbad\n")
      let second = try book.run(out: first.out)
      #expect(second.status == 65)
      #expect(try Charts(in: first.out) == before)
    }

    /// A line that is larger than the budget, between rows and at the end.
    @Test(arguments: [false, true])
    func aLineOf100MegabytesIsSkippedNotBuffered(gzip: Bool) throws {
      let book = try LogBook()
      let path = book.folder.path(of: "listen-20260705.log")
      try book.folder.write("1|2|FR\n", to: "listen-20260705.log")
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      // The hole in the file is one long line of zero bytes.
      try file.truncate(atOffset: 50_000_000)
      try file.seekToEnd()
      try file.write(contentsOf: Data("\n3|2|FR\n".utf8))
      try file.truncate(atOffset: 150_000_000)
      try file.close()
      if gzip { try Tool.run("gzip", "-1", path) }
      let run = try MeasuredRun(
        logs: book.folder, ["--memory", "32MiB", "--max-bad-rows", "50%"])
      #expect(run.peakResident <= 32 << 20)
      let charts = try run.charts()
      #expect(charts.rejected == ["line too long": 2])
      #expect(charts.userLines == ["2|1:1,3:1"])
      #expect(charts.manifest.totals.samples.map(\.line) == [2, 4])
      #expect(charts.manifest.inputs.map(\.textBytes) == [150_000_000])
    }

    @Test func countriesCanBeAddedAndReplaced() throws {
      let book = try LogBook("1|2|FR\n3|4|XK\n5|6|QQ\n")
      let flags = ["--max-bad-rows", "100%"]
      #expect(try book.run(flags).charts().rejected == ["unknown country": 2])
      let added = try book.run(flags + ["--allow-country", "XK", "--allow-country", "QQ"]).charts()
      #expect(added.countryLines == ["FR|1:1", "QQ|5:1", "XK|3:1"])
      try book.folder.write("XK\nQQ\n", to: "codes")
      let replaced = try book.run(flags + ["--countries", book.folder.path(of: "codes")]).charts()
      #expect(replaced.countryLines == ["QQ|5:1", "XK|3:1"])
      #expect(replaced.rejected == ["unknown country": 1])
      // Spreadsheets write files like this.
      try book.folder.write("\u{FEFF}XK\r\nQQ\r\n", to: "codes")
      #expect(
        try book.run(flags + ["--countries", book.folder.path(of: "codes")]).charts()
          .countryLines == ["QQ|5:1", "XK|3:1"])
      try book.folder.write("XK\nqq\n", to: "codes")
      let refused = try book.run(flags + ["--countries", book.folder.path(of: "codes")])
      try refused.expectFailure(65, "codes:2: a code in lower case; use QQ")
    }

    @Test func codesMayHaveADigit() throws {
      let book = try LogBook("1|2|T1\n1|2|FR\n3|4|T2\n" + "1|2|T13|4|FR\n5|6|t1\n")
      let flags = ["--max-bad-rows", "100%", "--per-country", "--repair"]
      let run = try book.run(flags + ["--allow-country", "T1"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        try run.out.read("country_top50_20260705.txt") == "FR|1:1,3:1\nT1|1:2,5:1\n")
      #expect(try run.out.read("T1_top50_20260705.txt") == "T1|1:2,5:1\n")
      let checked = try ChartmillProcess.run("verify", "--charts", run.out.path)
      #expect(checked.status == 0, "\(checked.errors)")
      let shown = try ChartmillProcess.run("show", "--charts", run.out.path, "--country", "T1")
      #expect(shown.status == 0 && shown.output.contains("T1"), "\(shown.errors)")
      // Without the flag, a code with a digit is bad. The reason is the same as for any text that
      // is not two letters.
      let refused = try book.run("--max-bad-rows", "100%").charts()
      #expect(refused.rejected == ["country syntax": 3, "field count": 1])
    }

    /// A byte order mark makes only the first row bad. `--repair` removes the mark.
    @Test(arguments: [false, true])
    func aByteOrderMarkAffectsOnlyTheFirstRow(gzip: Bool) throws {
      let book = try LogBook()
      try book.add("\u{FEFF}1|2|FR\n3|4|FR\n\u{FEFF}5|6|FR\n", gzip: gzip)
      let plain = try book.run("--max-bad-rows", "70%").charts()
      #expect(plain.rejected == ["song id": 2] && plain.countryLines == ["FR|3:1"])
      let repaired = try book.run("--max-bad-rows", "70%", "--repair").charts()
      #expect(repaired.repaired == ["byte order mark": 1] && repaired.rejected == ["song id": 1])
      #expect(repaired.countryLines == ["FR|1:1,3:1"])
    }
  }
}
