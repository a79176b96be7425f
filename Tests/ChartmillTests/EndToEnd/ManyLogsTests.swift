import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSynth
@testable import ChartmillSystem

extension EndToEnd {
  /// Runs over very many logs and days stay within the memory budget and the limit of open files.
  @Suite(.serialized) struct ManyLogs {
    private static let budget = 32 << 20
    private static let countries = CountryList.iso3166

    /// Runs a command to its end, with few open files.
    private static func run(
      _ arguments: [String], openFiles: Int = 256
    ) throws -> ChildProcess.Outcome {
      try ChildProcess(chartmill: arguments, shell: "ulimit -Sn \(openFiles)").wait(seconds: 3600)
    }

    /// A folder for logs, and the folders that runs write to.
    private struct Bench {
      let folder: TemporaryFolder
      var logs: String { folder.path(of: "logs") }
      var out: String { folder.path(of: "out") }
      var state: String { folder.path(of: "state") }

      init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
          atPath: logs, withIntermediateDirectories: false)
      }

      func write(_ text: [UInt8], to name: String, gzip: Bool = false) throws {
        try Data(text).write(to: URL(fileURLWithPath: "\(logs)/\(name)"))
        if gzip { try Tool.run("gzip", "\(logs)/\(name)") }
      }

      /// Runs the program with few open files, and checks that its peak memory is within the budget
      /// and that its charts are `expected`, if that is given. Returns the charts.
      @discardableResult
      func expectRun(
        _ flags: [String], command: String = "run", gives expected: [String: Data]? = nil,
        openFiles: Int = 256
      ) throws -> [String: Data] {
        let made = try ManyLogs.run(
          [command, "--logs", logs, "--out", out, "--memory", "32MiB", "--quiet"] + flags,
          openFiles: openFiles)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.peakResident <= ManyLogs.budget, "\(made.peakResident)")
        // The program warns if its own measurement is over the budget.
        #expect(!made.errors.contains("memory peaked"), "\(made.errors)")
        var charts: [String: Data] = [:]
        for name in try names(in: out) where !name.hasPrefix("manifest") {
          charts[name] = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)"))
        }
        if let expected { #expect(charts == expected) }
        for name in try names(in: out) where name.hasPrefix("manifest") {
          let manifest = try Manifest(
            json: [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)"))))
          #expect(manifest.run.peakResident <= ManyLogs.budget)
        }
        return charts
      }
    }

    /// An earlier version kept each part and its buffers open until all parts were read.
    @Test(arguments: [false, true])
    func twoThousandParts(gzip: Bool) throws {
      let bench = try Bench()
      var random = RandomStream(seed: 11)
      for part in 0..<2000 {
        var text: [UInt8] = []
        for _ in 0..<60 {
          text += "\(random.next() % 100_000)|\(random.next() % 3000)|FR\n".utf8
        }
        try bench.write(text, to: "listen-20211201-\(part).log")
      }
      if gzip { try Tool.run("sh", "-c", "gzip '\(bench.logs)'/*.log") }
      let charts = try bench.expectRun(["--days", "1"])
      #expect(charts["country_top50_20211201.txt"]?.isEmpty == false)
      for _ in 0..<2 {
        try bench.expectRun(["--days", "1", "--state", bench.state], gives: charts)
      }
    }

    /// An earlier version held about 20 KiB of records in memory for each of these days.
    @Test func aYearOfAllCountries() throws {
      let bench = try Bench()
      var random = RandomStream(seed: 12)
      for back in 0..<365 {
        var text: [UInt8] = []
        for index in 0..<Self.countries.count {
          let code = Self.countries.code(at: UInt8(index))
          text += "\(random.next() >> 32)|\(random.next() >> 31)|\(code)\n".utf8
        }
        let day = Day(daysSinceEpoch: 20_000 - back)
        try bench.write(text, to: "listen-\(day).log")
      }
      let flags = ["--days", "365"]
      let charts = try bench.expectRun(flags)
      for partitions in [[], ["--partitions", "1024"]] {
        // The number of partitions decides the order of the users.
        let expected = partitions.isEmpty ? charts : try bench.expectRun(flags + partitions)
        for _ in 0..<2 {
          try bench.expectRun(flags + ["--state", bench.state] + partitions, gives: expected)
        }
      }
    }

    /// A segment of 1024 partitions has a directory of 160 KiB. In an earlier version, every worker
    /// held all directories.
    @Test(arguments: [["--threads", "8", "--top", "1000"], ["--threads", "2"]])
    func sixtyDaysOf1024Partitions(_ flags: [String]) throws {
      let bench = try Bench()
      var random = RandomStream(seed: 13)
      for back in 0..<60 {
        var text: [UInt8] = []
        for _ in 0..<(back == 0 ? 400_000 : 1000) {
          let code = Self.countries.code(at: UInt8(random.next() % 249))
          text += "\(random.next() >> 32)|\(random.next() >> 31)|\(code)\n".utf8
        }
        try bench.write(text, to: "listen-\(Day(daysSinceEpoch: 20_000 - back)).log")
      }
      let flags = flags + ["--days", "60", "--partitions", "1024"]
      let charts = try bench.expectRun(flags)
      for _ in 0..<2 { try bench.expectRun(flags + ["--state", bench.state], gives: charts) }
    }

    /// The second date of a backfill must fit in memory together with what the first date left on
    /// the heap.
    @Test func everyDateOfABackfill() throws {
      let bench = try Bench()
      var random = RandomStream(seed: 14)
      for back in 0..<800 {
        var text: [UInt8] = []
        for index in 0..<Self.countries.count {
          text +=
            "\(random.next() >> 40)|\(random.next() >> 40)|\(Self.countries.code(at: UInt8(index)))\n"
            .utf8
        }
        try bench.write(text, to: "listen-\(Day(daysSinceEpoch: 20_000 - back)).log")
      }
      let dates = ["\(Day(daysSinceEpoch: 19_998))", "\(Day(daysSinceEpoch: 20_000))"]
      try bench.expectRun(
        ["--days", "790", "--state", bench.state, "--from", dates[0], "--to", dates[1]],
        command: "backfill")
    }

    /// If the names of the logs alone do not fit the budget, the run says which budget they need
    /// before it holds them.
    @Test func moreNamesThanTheBudgetHolds() throws {
      let bench = try Bench()
      try Tool.run(
        "sh", "-c",
        "cd '\(bench.logs)' && seq 60000 | sed 's/.*/listen-20211201-&.log/' | xargs touch")
      let made = try Self.run([
        "run", "--logs", bench.logs, "--out", bench.out, "--memory", "32MiB",
      ])
      #expect(made.status == 64)
      #expect(made.errors.contains("a memory limit of 32MiB is below the 64MiB"), "\(made.errors)")
      #expect(made.peakResident <= Self.budget, "\(made.peakResident)")
    }

    /// A manifest or rollup of 64 MiB, which anybody may have put there, is not read into memory.
    @Test func hugeManifestsAndRollups() throws {
      let bench = try Bench()
      try bench.write(Array("1|2|FR\n".utf8), to: "listen-20211201.log")
      let flags = ["--days", "1", "--state", bench.state]
      let charts = try bench.expectRun(flags)
      let manifest = "\(bench.out)/manifest_20211201.json"
      let text = try String(contentsOfFile: manifest, encoding: .utf8)
      let sample = #"{"file":"f","line":1,"reason":"blank","text":"text text text text"}"#
      let samples = Array(repeating: sample, count: 800_000).joined(separator: ",")
      let huge = text.replacing(#""samples" : ["#, with: "\"samples\" : [" + samples)
      #expect(huge.utf8.count > 50 << 20)
      let zeros = String(repeating: "\0", count: 64 << 20)
      for content in [huge, zeros] {
        try content.write(toFile: manifest, atomically: false, encoding: .utf8)
        let verified = try Self.run(["verify", "--charts", bench.out])
        #expect(verified.status == 65 && verified.peakResident < ManyLogs.budget)
        try bench.expectRun(flags, gives: charts)
        try content.write(toFile: manifest, atomically: false, encoding: .utf8)
        try bench.expectRun(
          flags + ["--from", "20211201", "--to", "20211201"], command: "backfill", gives: charts)
      }

      // A record with correct CRCs that is far too large.
      let day = try #require(Day(yyyymmdd: "20211201"))
      let path = "\(bench.state)/\(KeptRollup.name(of: day))"
      let (kept, found) = try #require(
        try KeptRollup.open(path, day: day, deflate: Deflate(), pool: FilePool()))
      let record = try #require(found)
      let other = try File.create(bench.folder.path(of: "rollup"))
      let end = try SpillFile.concatenate([kept.spill], into: other)
      let bad = Manifest.Sample(
        reason: "blank", file: "f", line: 1, text: Array("text".utf8), isCut: false)
      let padded = RollupRecord(
        day: day, partitions: record.partitions, rules: record.rules, logs: record.logs,
        accepted: record.accepted, rejected: record.rejected, segments: record.segments,
        samples: Array(repeating: bad, count: 1_000_000),
        streamsByCountry: record.streamsByCountry)
      try KeptRollup.finish(other, end: end, padded) { _ in }
      for _ in 0..<2 {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
          atPath: bench.folder.path(of: "rollup"), toPath: path)
        try bench.expectRun(flags, gives: charts)
      }
    }
  }
}
