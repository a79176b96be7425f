import Foundation
import Testing

@testable import ChartmillSynth

extension EndToEnd {
  /// The budget limits the memory of the entire process for any input, and does not affect the
  /// charts.
  @Suite struct Memory {
    private static let mebibyte = 1 << 20

    /// Logs that `synth` makes.
    private func synthesized(days: Int, rows: Int, users: Int, _ flags: String...) throws
      -> TemporaryFolder
    {
      let folder = try TemporaryFolder()
      let process = try ChartmillProcess.run(
        [
          "synth", "--quiet", "--out", folder.path, "--days", "\(days)", "--rows", "\(rows)",
          "--users", "\(users)", "--seed", "7", "--bad-rows", "1000",
        ] + flags)
      try #require(process.status == 0, "\(process.errors)")
      return folder
    }

    private func expectWithin(
      _ run: MeasuredRun, mebibytes: Int, top: Int = 50,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Charts {
      let charts = try run.charts(top: top)
      let budget = mebibytes * Self.mebibyte
      let own = charts.manifest.run.peakResident
      #expect(own <= budget, sourceLocation: sourceLocation)
      #expect(run.peakResident <= budget, sourceLocation: sourceLocation)
      // Both numbers measure the same memory, so they cannot differ by much.
      #expect(run.peakResident > own / 2, sourceLocation: sourceLocation)
      #expect(charts.manifest.totals.streams == charts.manifest.totals.accepted)
      let flags = charts.manifest.run
      print(
        "peak memory: \(own >> 10) KiB, seen \(run.peakResident >> 10) KiB, of \(mebibytes) MiB;",
        "threads \(flags.threads), top \(top), partitions \(charts.manifest.partitions),",
        "\(charts.manifest.totals.accepted) rows, \(flags.seconds.total) s")
      return charts
    }

    /// The 34 million rows of the logs are more than 20 times as large as the smallest budget.
    /// Every budget gives the same bytes.
    @Test func budgetsHoldOnAnInputTwentyTimesAsLarge() throws {
      let logs = try synthesized(days: 7, rows: 4_900_000, users: 3_000_000)
      var first: Charts?
      for (mebibytes, threads) in [(32, 1), (64, 2), (256, 2)] {
        let run = try MeasuredRun(
          logs: logs, ["--memory", "\(mebibytes)MiB", "--threads", "\(threads)"])
        let charts = try expectWithin(run, mebibytes: mebibytes)
        let decoded = charts.manifest.inputs.reduce(0) { $0 + $1.textBytes }
        #expect(decoded >= 20 * 32 * Self.mebibyte)
        if let first { #expect(Charts.hasSameBytes(charts, first)) }
        first = first ?? charts
      }
    }

    /// Threads, long charts, many partitions and gzip need memory in addition to the rows.
    @Test func theMinimumBudgetHoldsForEveryFlag() throws {
      let logs = try synthesized(days: 7, rows: 250_000, users: 200_000, "--gzip")
      let long = ["--top", "1000"]
      let many = ["--partitions", "1024"]
      for (threads, flags) in [
        (1, []), (2, []), (4, []), (1024, []), (2, long), (2, many), (4, long + many),
        (2, ["--partitions", "1"]), (2, ["--report"]),
        (2, long + many + ["--report"]),
      ] {
        let run = try MeasuredRun(
          logs: logs, ["--memory", "32MiB", "--threads", "\(threads)"] + flags)
        _ = try expectWithin(run, mebibytes: 32, top: flags.contains("1000") ? 1000 : 50)
      }
    }

    @Test func lessThanTheMinimumIsAUsageError() throws {
      let book = try LogBook("1|2|FR\n")
      for memory in ["31MiB", "33554431", "1", "0"] {
        try book.run("--memory", memory).expectFailure(
          64, "--memory '\(memory)' ", " is below the minimum of 32MiB")
      }
      #expect(try book.run("--memory", "32MiB").charts().userLines == ["2|1:1"])
    }

    @Test func everyBudgetThreadCountFileOrderAndCodecGivesTheSameBytes() throws {
      let book = try LogBook()
      let packed = try LogBook()
      var paths: [String] = []
      for day in 1...5 {
        let text = RandomLogs.text(
          seed: UInt64(day), rows: 250_000, users: 50_000, songs: 1_000_000)
        paths.append(try book.add(text, day: "2026070\(day)"))
        try packed.add(text, day: "2026070\(day)", gzip: true)
      }
      let first = try book.run("--memory", "32MiB", "--threads", "1").charts()
      #expect(first.manifest.totals.accepted == 1_250_000)
      for (memory, threads) in [
        ("32MiB", 2), ("32MiB", 8), ("64MiB", 3), ("256MiB", 1), ("256MiB", 2), ("1GiB", 3),
        ("1GiB", 8),
      ] {
        let run = try book.run("--memory", memory, "--threads", "\(threads)")
        #expect(try Charts.hasSameBytes(run.charts(), first), "\(memory), \(threads) threads")
      }
      var random = RandomStream(seed: 1)
      for _ in 0..<2 {
        let run = try book.runFiles(paths.shuffled(using: &random) + ["--memory", "32MiB"])
        #expect(try Charts.hasSameBytes(run.charts(), first))
      }
      let gzip = try packed.run("--memory", "32MiB", "--threads", "2").charts()
      #expect(Charts.hasSameBytes(gzip, first))
      let spill = try TemporaryFolder()
      let elsewhere = try book.run("--spill-dir", spill.path, "--memory", "32MiB").charts()
      #expect(Charts.hasSameBytes(elsewhere, first))
      #expect(try spill.names() == [])
    }
  }

  /// Extremely skewed rows, charted with the minimum memory.
  @Suite struct Skew {
    private static let rows: UInt64 = 600_000

    /// A log of `rows` rows. Each row is made from its number and three random words.
    private func book(
      rows: UInt64 = Skew.rows, _ row: (UInt64, inout RandomStream) -> (UInt64, UInt64, String)
    ) throws -> LogBook {
      var random = RandomStream(seed: 99)
      var text: [UInt8] = []
      text.reserveCapacity(Int(rows) * 24)
      for index in 0..<rows {
        let (song, user, country) = row(index, &random)
        text += String(song).utf8
        text.append(UInt8(ascii: "|"))
        text += String(user).utf8
        text.append(UInt8(ascii: "|"))
        text += country.utf8
        text.append(UInt8(ascii: "\n"))
      }
      let book = try LogBook()
      try book.add(text)
      return book
    }

    private func charts(of book: LogBook, _ flags: String...) throws -> Charts {
      let run = try MeasuredRun(logs: book.folder, ["--memory", "32MiB"] + flags)
      #expect(run.peakResident <= 32 << 20)
      return try run.charts()
    }

    @Test func oneUserHasHalfOfAllRows() throws {
      let book = try book { index, random in
        let user = index % 2 == 0 ? 7 : random.next() % 100_000
        return (random.next() % 30_000, user, user % 3 == 0 ? "FR" : "DE")
      }
      try charts(of: book).expect(book.reference())
      try charts(of: book, "--threads", "1").expect(book.reference())
    }

    @Test func oneCountryHas95PercentOfAllRows() throws {
      let book = try book { index, random in
        (random.next() % 50_000, random.next() % 50_000, index % 20 == 0 ? "ZW" : "BR")
      }
      try charts(of: book).expect(book.reference())
    }

    @Test func oneSongHasHalfOfAllRows() throws {
      let book = try book { index, random in
        (index % 2 == 0 ? 1 << 31 - 1 : random.next() % 100_000, random.next() % 50_000, "US")
      }
      try charts(of: book).expect(book.reference())
    }

    /// One user has 4 million songs with one stream each, in an order that is far from sorted. A
    /// few songs have a second stream. There are more records than a slice holds, so the partition
    /// is merged.
    @Test(arguments: [1, 2], [1, 64])
    func everyRowIsAnotherSongOfOneUser(threads: Int, partitions: Int) throws {
      let rows: UInt64 = 4_000_000
      let book = try book(rows: rows + 10) { index, _ in
        // Multiplying by an odd number permutes the numbers below a power of two.
        let song = index < rows ? (index &* 2_654_435_761) % (1 << 22) : (index - rows) * 2
        return (song + 1_000_000, 42, "FR")
      }
      let charts = try charts(
        of: book, "--threads", "\(threads)", "--partitions", "\(partitions)")
      // The first rows use 4 million of the numbers below 2^22. The other rows repeat some of these
      // or add new ones.
      var streams = [UInt8](repeating: 0, count: 1 << 22)
      for index in 0..<rows { streams[Int((index &* 2_654_435_761) % (1 << 22))] += 1 }
      for index in 0..<10 { streams[index * 2] += 1 }
      let best =
        streams.indices.filter { streams[$0] > 1 }
        + streams.indices.filter { streams[$0] == 1 }
        .prefix(50)
      let line = best.prefix(50).map { "\($0 + 1_000_000):\(streams[$0])" }.joined(separator: ",")
      #expect(charts.userLines == ["42|\(line)"])
      #expect(charts.countryLines == ["FR|\(line)"])
      #expect(charts.userCountryLines == ["42|FR"])
      #expect(charts.manifest.totals.streams == Int(rows) + 10)
    }

    /// The ids are so wide that keys take three words, and most rows are outliers.
    @Test func wideIDsOfOneUserAreMergedToo() throws {
      let rows: UInt64 = 700_000
      let base: UInt64 = 1 << 62
      let book = try book(rows: rows) { index, _ in
        let song = (index &* 2_654_435_761) % (1 << 22)
        return (index % 3 == 0 ? song : base + song, base + 1, index % 5 == 0 ? "AD" : "ZW")
      }
      let charts = try charts(of: book)
      charts.expect(book.reference())
    }
  }
}
