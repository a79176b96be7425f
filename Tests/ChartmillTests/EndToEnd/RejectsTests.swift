import Foundation
import Testing

@testable import ChartmillSynth
@testable import ChartmillSystem

extension EndToEnd {
  /// `run --rejects` writes every bad row.
  @Suite struct Rejects {
    /// Random lines. About one in `share` is bad, and there are sequences of only bad lines.
    private func lines(seed: UInt64, count: Int, share: UInt64) -> [[UInt8]] {
      let bad = ["", "1|2", "a|2|FR", "1|-2|FR", "1|2|fr", "1|2|XX", "\t1|2|FR\t", "\u{0}", "é|"]
      var random = RandomStream(seed: seed)
      return (0..<count).map { index in
        let isStretch = index % 20_000 > 19_000
        if !isStretch, random.next() % share != 0 {
          return Array("\(random.next() % 90_000)|\(random.next() % 500)|FR".utf8)
        }
        if random.next() % 400 == 0 {
          return [UInt8](repeating: 0x37, count: 4097 + Int(random.next() % 9000))
        }
        return Array(bad[Int(random.next() % UInt64(bad.count))].utf8)
          + [0xff, 0xfe].prefix(index % 3)
      }
    }

    private func text(_ lines: [[UInt8]]) -> [UInt8] {
      Array(lines.map { $0 + [10] }.joined())
    }

    /// The rows of a log that the file must contain, according to the second implementation of the
    /// rules.
    private func expected(_ lines: [[UInt8]], of name: String) -> [UInt8] {
      var expected: [UInt8] = []
      for (index, line) in lines.enumerated() {
        guard let reason = RowReference(line + [10], repair: false).rejected.keys.first else {
          continue
        }
        let isCut = reason == .lineTooLong
        expected +=
          "\(name)\t\(index + 1)\t\(reason.name)\(isCut ? ", cut at 4096 bytes" : "")\t".utf8
        expected += line.prefix(4096) + [10]
      }
      return expected
    }

    private func unzipped(_ path: String) throws -> [UInt8] {
      let result = try Tool.run("gzip", "-dc", path)
      #expect(result.status == 0, "gzip takes the file")
      return result.output
    }

    /// Bad rows are in the order of logs and lines. Every budget gives the same bytes.
    @Test func everyBadRowIsKeptInOrder() throws {
      let book = try LogBook()
      var all: [UInt8] = []
      for (day, count) in [("20260703", 150_000), ("20260704", 40), ("20260705", 60_000)] {
        let lines = lines(seed: UInt64(count), count: count, share: 50)
        try book.add(text(lines), day: day, gzip: day == "20260705")
        all += expected(lines, of: "listen-\(day).log" + (day == "20260705" ? ".gz" : ""))
      }
      let folder = try TemporaryFolder()
      var first: [UInt8]?
      for (threads, memory) in [(1, "32MiB"), (2, "64MiB"), (5, "256MiB")] {
        let path = folder.path(of: "rejects.gz")
        let run = try book.run(
          "--max-bad-rows", "50%", "--threads", "\(threads)", "--memory", memory, "--rejects", path)
        let charts = try run.charts()
        #expect(charts.manifest.totals.rejected == all.split(separator: 10).count)
        #expect(charts.manifest.run.peakResident <= charts.manifest.run.memoryBudget)
        #expect(try unzipped(path) == all, "\(threads) threads")
        let bytes = try folder.readBytes("rejects.gz")
        #expect(first ?? bytes == bytes, "\(threads) threads")
        first = bytes
        #expect(try folder.names() == ["rejects.gz"])
      }
    }

    /// Several workers take turns at the chunks of one log.
    @Test func workersThatShareALogKeepItsOrder() throws {
      let lines = lines(seed: 9, count: 400_000, share: 7)
      let book = try LogBook()
      try book.add(text(lines), gzip: true)
      let folder = try TemporaryFolder()
      let path = folder.path(of: "rejects.gz")
      let run = try book.run(
        "--max-bad-rows", "50%", "--threads", "4", "--memory", "64MiB", "--rejects", path)
      #expect(run.status == 0, "\(run.errors)")
      let isSame = try unzipped(path) == expected(lines, of: "listen-20260705.log.gz")
      #expect(isSame)
    }

    @Test func withoutBadRowsItIsAnEmptyGzipFile() throws {
      let folder = try TemporaryFolder()
      let path = folder.path(of: "rejects.gz")
      #expect(try LogBook("1|2|FR\n").run("--rejects", path).status == 0)
      #expect(try unzipped(path) == [])
    }

    /// Rows can be extracted, repaired and added to the day as another part, as docs/input.md shows.
    @Test func repairedRowsCanBeAddedAsAPart() throws {
      let book = try LogBook("1|2|FR\n1|2|fr\n3|2|\n1|4|FR\n")
      let folder = try TemporaryFolder()
      let path = folder.path(of: "rejects.gz")
      let flags = ["--max-bad-rows", "100%", "--rejects", path]
      try #require(try book.run(flags).status == 0)
      let rows = try Tool.run(
        "sh", "-c", "zcat '\(path)' | LC_ALL=C grep -a ^listen-20260705 | cut -f 4- | tr a-z A-Z")
      #expect(String(decoding: rows.output, as: UTF8.self) == "1|2|FR\n3|2|\n")
      try book.add(rows.output, part: "-repaired")
      let charts = try book.run(flags).charts()
      #expect(charts.userLines.sorted() == ["2|1:2", "4|1:1"])
      #expect(
        String(decoding: try unzipped(path), as: UTF8.self) == """
          listen-20260705-repaired.log\t2\tcountry syntax\t3|2|
          listen-20260705.log\t2\tcountry syntax\t1|2|fr
          listen-20260705.log\t3\tcountry syntax\t3|2|

          """)
    }

    /// If a run fails because of its bad rows, it still writes them.
    @Test func tooManyBadRowsAreWrittenAndNothingElseIs() throws {
      let folder = try TemporaryFolder()
      let path = folder.path(of: "rejects.gz")
      // The file of an earlier run is replaced.
      #expect(
        try LogBook("1|2|FR\nworse\n").run("--rejects", path, "--max-bad-rows", "50%").status == 0)
      let run = try LogBook("1|2|FR\nbad\n").run("--rejects", path)
      try run.expectFailure(65, "1 of 2 rows is bad", "All bad rows: \(path)")
      #expect(
        String(decoding: try unzipped(path), as: UTF8.self)
          == "listen-20260705.log\t2\tfield count\tbad\n")
      #expect(try folder.names() == ["rejects.gz"])
    }

    @Test func anyOtherFailureLeavesTheOldFile() throws {
      let folder = try TemporaryFolder()
      let path = folder.path(of: "rejects.gz")
      #expect(
        try LogBook("1|2|FR\nworse\n").run("--rejects", path, "--max-bad-rows", "50%").status == 0)
      let old = try folder.readBytes("rejects.gz")
      let book = try LogBook("bad\n1|2|FR\n", day: "20260704")
      try book.addRaw(Array(try Tool.gzipped("1|2|FR\n").dropLast(9)))
      try book.run("--rejects", path).expectFailure(65, "truncated gzip data")
      #expect(try folder.names() == ["rejects.gz"])
      #expect(try folder.readBytes("rejects.gz") == old)
    }

    /// A run checks the path before it reads a log.
    @Test func pathsThatCannotBeWrittenAreErrors() throws {
      let book = try LogBook("1|2|FR\n")
      let log = try book.add("1|2|FR\n", part: "-a", gzip: true)
      try book.run("--rejects", log).expectFailure(
        64, "is a log, a chart or a kept rollup")
      try FileManager.default.linkItem(atPath: log, toPath: book.folder.path(of: "other.gz"))
      try book.run("--rejects", book.folder.path(of: "other.gz")).expectFailure(64, "is a log")
      try book.run("--rejects", "listen-20260706.log.gz").expectFailure(64, "has the name of one")
      try book.run("--rejects", "missing/r.gz").expectFailure(73, "missing")
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder.path(of: "r.gz"), withIntermediateDirectories: false)
      try book.run("--rejects", folder.path(of: "r.gz")).expectFailure(73, "r.gz")
      #expect(try folder.names() == ["r.gz"])
    }

    /// Temporary files of killed runs are removed. A file that another run is writing stays.
    @Test func temporaryFilesOfKilledRunsAreRemoved() throws {
      let folder = try TemporaryFolder()
      let dead = TemporaryName.make(for: "r.gz")
      let other = TemporaryName.make(for: "s.gz")
      try folder.write("left", to: dead)
      try folder.write("left", to: other)
      let alive = try StagedFile(replacing: folder.path(of: "r.gz"), mode: 0o600)
      #expect(try folder.names().count == 2)
      #expect(try LogBook("1|2|FR\n").run("--rejects", folder.path(of: "r.gz")).status == 0)
      try alive.publish()
      #expect(try folder.names() == [other, "r.gz"].sorted())
    }

    @Test func rowsOfKeptDaysAreNotReadAgain() throws {
      let bench = try StateBench(days: 2)
      let path = bench.folder.path(of: "rejects.gz")
      try #require(try bench.run(["--rejects", path]).status == 0)
      let rows = try unzipped(path).split(separator: 10).count
      #expect(rows > 10)
      let second = try ChartmillProcess.run(
        bench.arguments(["--rejects", path]).filter { $0 != "--quiet" })
      #expect(try unzipped(path) == [])
      #expect(second.output.contains("0 in \(path); 2 kept days not read again\n"))
      #expect(!second.errors.contains("warning"))
    }
  }
}
