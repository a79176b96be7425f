import Foundation
import Testing

@testable import ChartmillDistributed
@testable import ChartmillSynth
@testable import ChartmillSystem

extension EndToEnd {
  /// The commands of a distributed job, compared with `run` on the same logs.
  @Suite struct DistributedTests {
    /// Logs of three days with bad rows. One day is in two parts.
    private static func logs(rows: Int = 8000, seed: Int = 11) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let process = try ChartmillProcess.run([
        "synth", "--quiet", "--gzip", "--out", folder.path, "--days", "3", "--rows", "\(rows)",
        "--users", "700", "--songs", "5000", "--seed", "\(seed)", "--bad-rows", "20000",
      ])
      try #require(process.status == 0, "\(process.errors)")
      try FileManager.default.moveItem(
        atPath: folder.path(of: "listen-20260704.log.gz"),
        toPath: folder.path(of: "listen-20260704-b.log.gz"))
      // One id among them is too wide for the packed keys.
      try folder.write(
        "7|3|FR\n7|3|FR\nbad\n9|3|DE\r\n18014398509481984|1|FR\n", to: "listen-20260704-a.log")
      return folder
    }

    private static func frames(
      _ scheduler: Scheduler, _ logs: TemporaryFolder
    ) throws -> [Scheduler.Frame] {
      try logs.names().flatMap { try scheduler.frames(ofLog: logs.path(of: $0)) }
    }

    /// Expects the same files and manifest as from one machine, except for the manifest's `run`.
    private static func expectSame(
      _ assembled: TemporaryFolder, as run: TemporaryFolder,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      #expect(try assembled.names() == run.names(), sourceLocation: sourceLocation)
      for name in try run.names() where !name.hasPrefix("manifest") {
        #expect(
          try assembled.readBytes(name) == run.readBytes(name), "\(name)",
          sourceLocation: sourceLocation)
      }
      var found = try Scheduler.manifest(in: assembled)
      let expected = try Scheduler.manifest(in: run)
      #expect(found.run.spillBytes > 0 || expected.totals.accepted == 0)
      found.run = expected.run
      #expect(found == expected, sourceLocation: sourceLocation)
      let verified = try ChartmillProcess.run("verify", "--charts", assembled.path)
      #expect(verified.status == 0, "\(verified.errors)", sourceLocation: sourceLocation)
    }

    @Test(
      arguments: [
        ([], 1), (["--format", "csv", "--top", "7"], 8), (["--format", "jsonl", "--compress"], 16),
        (["--compress", "--top", "3"], 64),
      ] as [([String], Int)])
    func partsMakeTheFilesOfARun(_ flags: [String], partitions: Int) throws {
      let logs = try Self.logs()
      let scheduler = try Scheduler(
        partitions: partitions, chart: flags, assemble: flags + ["--per-country"])
      let charts = try scheduler.charts(of: Self.frames(scheduler, logs).shuffled(seed: 5))
      let run = try ChartRun(
        ["--logs", logs.path, "--partitions", "\(partitions)", "--per-country"] + flags)
      try #require(run.status == 0, "\(run.errors)")
      try Self.expectSame(charts, as: run.out)
    }

    /// The files of users may stay in parts. The manifest then names them, and every reader follows
    /// it: the charts are those of `run`.
    @Test(
      arguments: [
        ([], 1), (["--top", "5"], 8), (["--format", "csv"], 1024),
        (["--format", "jsonl", "--compress"], 16),
      ] as [([String], Int)])
    func readersFollowTheManifestToItsParts(_ flags: [String], partitions: Int) throws {
      let logs = try Self.logs(rows: 3000)
      let scheduler = try Scheduler(
        partitions: partitions, chart: flags, assemble: flags + ["--per-country"], keepsParts: true)
      let charts = try scheduler.charts(of: Self.frames(scheduler, logs))
      let run = try ChartRun(
        ["--logs", logs.path, "--partitions", "\(partitions)", "--per-country"] + flags)
      try #require(run.status == 0, "\(run.errors)")
      var manifest = try Scheduler.manifest(in: charts)
      let expected = try Scheduler.manifest(in: run.out)
      for index in manifest.outputs.indices {
        let files = try #require(manifest.outputs[index].files)
        let bytes = try files.flatMap { try charts.readBytes($0) }
        #expect(bytes == (try run.out.readBytes(manifest.outputs[index].name)))
        manifest.outputs[index].files = nil
      }
      manifest.run = expected.run
      #expect(manifest == expected)
      #expect(try charts.names() == ["manifest_20260705.json", "parts"])
      for command in [
        ["verify", "--charts"], ["show", "--country", "FR", "--charts"],
        ["show", "--user", "3", "--charts"], ["show", "--user", "1", "--campaign", "--charts"],
        ["report", "--charts"],
      ] {
        let outputs = try [charts, run.out].map { folder in
          let process = try ChartmillProcess.run(command + [folder.path])
          #expect(process.status == 0, "\(command): \(process.errors)")
          return process.output
        }
        if command[0] == "show" { #expect(outputs[0] == outputs[1]) }
      }
    }

    /// Joined files have the names that `assemble` got, whatever the parts were named.
    @Test func joinedFilesAreNamed() throws {
      let logs = try Self.logs(rows: 1000)
      let scheduler = try Scheduler(
        partitions: 2,
        assemble: ["--charts-name", "g/joined", "--user-countries-name", "g/countries"],
        keepsParts: true)
      let counts = try scheduler.parts(of: Self.frames(scheduler, logs)).counts.flatMap(\.self)
      let out = try TemporaryFolder()
      let process = try scheduler.assemble(counts, out: out)
      try #require(process.status == 0, "\(process.errors)")
      #expect(
        try Scheduler.manifest(in: out).outputs.map(\.files) == [
          ["parts/country_top50_20260705.txt"], ["g/joined"], ["g/countries"],
        ])
    }

    /// The plan of a job gives the manifest its kept days, notices and overlooked names, and the
    /// command its warnings.
    @Test func thePlanIsInTheManifest() throws {
      let logs = try Self.logs(rows: 1000)
      let scheduler = try Scheduler(partitions: 2)
      let counts = try scheduler.parts(of: Self.frames(scheduler, logs)).counts.flatMap(\.self)
      func assembled(_ plan: String) throws -> (ChartmillProcess, TemporaryFolder) {
        try logs.write(plan, to: "plan")
        let scheduler = try Scheduler(
          partitions: 2, assemble: ["--plan", logs.path(of: "plan")])
        let out = try TemporaryFolder()
        return (try scheduler.assemble(counts, out: out), out)
      }
      let (process, out) = try assembled(
        #"""
        {"keptDays":["20260703"],"notices":[{"day":"20260704","kind":"the kept rollup is damaged; \#
        it was rebuilt"}],"overlooked":[{"kind":"almost named like a log",\#
        "names":{"count":1,"examples":["x"]}}],"inputs":[]}

        """#)
      try #require(process.status == 0, "\(process.errors)")
      #expect(process.errors.contains("20260704: the kept rollup is damaged; it was rebuilt"))
      #expect(process.errors.contains("1 file was not read because its name is close to"))
      let run = try Scheduler.manifest(in: out).run
      #expect(run.keptDays.map(\.description) == ["20260703"])
      #expect(run.notices.count == 1 && run.overlooked.count == 1)
      for bad in ["", "{}", "[1]"] {
        let (process, _) = try assembled(bad)
        #expect(process.status == 65)
        #expect(process.errors.contains("plan: not what 'chartmill plan --json' prints"))
      }
    }

    /// A day with too many bad rows fails before any chart is made.
    @Test func logsAreCheckedBeforeTheirCharts() throws {
      let logs = try Self.logs()
      let scheduler = try Scheduler(partitions: 2)
      let frames = try Self.frames(scheduler, logs).filter { $0.destination == 4 }.flatMap(\.bytes)
      func check(_ flags: [String]) throws -> ChartmillProcess {
        try logs.write(frames, to: "frames")
        defer { try? FileManager.default.removeItem(atPath: logs.path(of: "frames")) }
        return try ChartmillProcess.run(
          ["assemble", "--logs-only", "--partitions", "2"] + flags,
          inputPath: logs.path(of: "frames"))
      }
      let good = try check([])
      #expect(good.status == 0 && good.output == "" && good.errors == "", "\(good.errors)")
      let bad = try check(["--max-bad-rows", "0.1%"])
      #expect(bad.status == 65)
      #expect(bad.errors.contains("rows are bad"), "\(bad.errors)")
      #expect(try check(["--require-all-days"]).status == 65)
      #expect(try check(["--repair"]).status == 65)
    }

    @Test func rulesForRowsAreOneForAll() throws {
      let logs = try Self.logs()
      let rules = ["--allow-country", "XK"]
      let scheduler = try Scheduler(
        partitions: 4, common: rules, rollup: ["--repair"], assemble: ["--repair", "--days", "2"])
      let frames = try logs.names().filter { $0 > "listen-20260704" }.flatMap {
        try scheduler.frames(ofLog: logs.path(of: $0))
      }
      let run = try ChartRun(
        ["--logs", logs.path, "--partitions", "4", "--repair", "--days", "2"] + rules)
      try Self.expectSame(try scheduler.charts(of: frames), as: run.out)
    }

    /// If no row is accepted, a distributed job publishes nothing either.
    @Test(arguments: [[], ["--compress"], ["--compress", "--format", "csv"]])
    func nothingMakesTheFilesOfNothing(_ flags: [String]) throws {
      let book = try LogBook("")
      let scheduler = try Scheduler(partitions: 4, chart: flags, assemble: flags)
      let counts = try scheduler.parts(of: Self.frames(scheduler, book.folder)).counts.flatMap(
        \.self)
      let out = try TemporaryFolder()
      let assembled = try scheduler.assemble(counts, out: out)
      #expect(assembled.status == 65)
      #expect(try out.names() == [])
      let run = try book.run(["--partitions", "4"] + flags)
      try run.expectFailure(65, "no accepted rows for 20260629 to 20260705")
      #expect(assembled.errors.contains("no accepted rows for"), "\(assembled.errors)")
    }

    /// A distributed job fails like a run if the last day has no row.
    @Test func theLastDayMustHaveARow() throws {
      let book = try LogBook("1|2|FR\n", day: "20260704")
      try book.add("", gzip: true)
      let failure = "no accepted rows for 20260705, the last day of the window: the logs are empty"
      try book.run("--partitions", "4").expectFailure(65, failure)
      for flags in [[], ["--allow-missing-last-day"]] {
        let scheduler = try Scheduler(partitions: 4, assemble: flags)
        let counts = try scheduler.parts(of: Self.frames(scheduler, book.folder)).counts.flatMap(
          \.self)
        let out = try TemporaryFolder()
        let assembled = try scheduler.assemble(counts, out: out)
        if flags.isEmpty {
          #expect(assembled.status == 65)
          #expect(assembled.errors.contains(failure), "\(assembled.errors)")
          #expect(try out.names() == [])
        } else {
          #expect(assembled.status == 0, "\(assembled.errors)")
          #expect(
            try Scheduler.manifest(in: out).window.withoutRows.map(\.description) == ["20260705"])
        }
      }
    }

    @Test(arguments: ["listen-20260703.log.gz", "listen-20260704-a.log"])
    func standardInputIsAsTheFile(_ name: String) throws {
      let logs = try Self.logs()
      // Two workers may share the chunks of a log in any way, and each writes its own sorted runs.
      let scheduler = try Scheduler(rollup: ["--threads", "1"])
      let fromFile = try scheduler.frames(ofLog: logs.path(of: name))
      let fromInput = try scheduler.frames(
        ofStandardInput: logs.readBytes(name), name: "hdfs://names/logs/\(name)")
      #expect(fromFile.map(\.destination) == fromInput.map(\.destination))
      // ISA-L compresses the same bytes differently in different processes, now and then.
      #expect(
        try fromFile.dropLast().map(Self.payload) == fromInput.dropLast().map(Self.payload))
      // The last frames describe the log in the same way, including its sizes.
      let records = try [fromFile, fromInput].map { try Self.record($0.last) }
      #expect(records[0].input == records[1].input)
      #expect(records[0].samples == records[1].samples)
    }

    /// The decompressed payload of a frame.
    private static func payload(_ frame: Scheduler.Frame) throws -> [UInt8] {
      let folder = try TemporaryFolder()
      try folder.write([UInt8](frame.bytes.dropFirst(FrameFormat.headerBytes)), to: "payload")
      return try withExtendedLifetime(folder) {
        try Tool.run("gzip", "-dc", folder.path(of: "payload")).output
      }
    }

    private static func record(_ frame: Scheduler.Frame?) throws -> LogRecord {
      let bytes = try #require(frame).bytes
      let folder = try TemporaryFolder()
      try folder.write(bytes, to: "frame")
      let reader = FrameReader(
        try File.open(reading: folder.path(of: "frame")), partitions: try Scheduler().partitions)
      let header = try #require(try reader.next())
      return try reader.record(LogRecord.self, of: header)
    }

    /// Bytes after the gzip data are read, counted and reported, as they are for a file.
    @Test func standardInputIsReadToItsEnd() throws {
      let gzip = try Tool.gzipped("1|2|FR\n") + [UInt8](repeating: 7, count: 1 << 20)
      let frames = try Scheduler().frames(
        ofStandardInput: gzip, name: "listen-20260705.log.gz")
      let input = try Self.record(frames.last).input
      #expect(input.bytes == gzip.count)
      #expect(input.reading == .gzipWithTrailingBytes)
      #expect(input.accepted == 1)
    }

    @Test func aDamagedLogIsNamed() throws {
      let gzip = try Tool.gzipped("1|2|FR\n").dropLast(3)
      let folder = try TemporaryFolder()
      try folder.write([UInt8](gzip), to: "in")
      let process = try ChartmillProcess.run(
        ["rollup", "-", "--name", "s3a://logs/listen-20260705.log.gz", "--frames"],
        inputPath: folder.path(of: "in"))
      #expect(process.status == 65)
      #expect(
        process.errors.hasPrefix("chartmill: s3a://logs/listen-20260705.log.gz: "),
        "\(process.errors)")
      #expect(process.output == "")
    }

    @Test func gzipReadsAStreamOfFrames() throws {
      let logs = try Self.logs()
      let stream = try Self.frames(try Scheduler(), logs).flatMap(\.bytes)
      try logs.write(stream, to: "stream.gz")
      #expect(try Tool.run("gzip", "-t", logs.path(of: "stream.gz")).status == 0)
    }

    /// A stream that is cut within a frame is an error. If it is cut between frames, `assemble`
    /// reports what is missing.
    @Test func tornStreamsAreNoticed() throws {
      let logs = try Self.logs()
      let scheduler = try Scheduler(partitions: 2)
      let frames = try Self.frames(scheduler, logs)
      let own = frames.filter { $0.destination == 1 }
      let stream = own.flatMap(\.bytes)
      let ends = own.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.bytes.count) }
      for count in [1, 104, 105, 106, ends[1] - 1, ends[1] + 50, stream.count - 1] {
        let process = try scheduler.attemptPart(1, Array(stream.prefix(count)))
        #expect(process.status == 65, "cut to \(count)")
        #expect(process.errors.contains("the data ends too early"), "\(process.errors)")
      }
      let less = frames.filter { $0 != own[1] }
      let out = try TemporaryFolder()
      let process = try scheduler.assemble(
        try scheduler.parts(of: less).counts.flatMap(\.self), out: out)
      #expect(process.status == 65)
      #expect(process.errors.contains("the users have "), "\(process.errors)")
      #expect(try out.names().filter { !$0.hasPrefix(".") } == [])
    }

    @Test func flippedBitsAreNoticed() throws {
      let book = try LogBook("1|2|FR\n3|4|DE\n1|4|FR\n")
      let scheduler = try Scheduler(partitions: 1)
      let frames = try Self.frames(scheduler, book.folder)
      let own = frames.filter { $0.destination == 0 }.flatMap(\.bytes)
      let whole = try scheduler.part(0, frames.filter { $0.destination == 0 })
      for index in own.indices {
        var damaged = own
        damaged[index] ^= 1 << UInt8(index % 8)
        let process = try scheduler.attemptPart(0, damaged)
        if process.status == 0 {
          // The time, flags and system in a gzip header do not affect the content.
          #expect(try scheduler.scratch.readBytes("out") == whole.lines, "byte \(index)")
        } else {
          #expect(process.status == 65, "byte \(index): \(process.errors)")
        }
      }
    }

    @Test func foreignFramesAreRefused() throws {
      let logs = try Self.logs()
      let scheduler = try Scheduler(partitions: 2)
      let frames = try Self.frames(scheduler, logs)
      let other = try Self.frames(try Scheduler(partitions: 4), logs)
      let foreign: [(String, [UInt8])] = [
        ("meant for another command, partition", frames.first { $0.destination == 0 }?.bytes ?? []),
        ("partition or kind of records", frames.first { $0.destination == 3 }?.bytes ?? []),
        ("meant for another command", frames.last?.bytes ?? []),
        ("--partitions 4 instead of 2", other.first { $0.destination == 1 }?.bytes ?? []),
        ("not a frame", Array(repeating: 0, count: 200)),
        ("not a frame", try Tool.gzipped(String(repeating: "1|2|FR\n", count: 99)) + own(frames)),
      ]
      for (message, bytes) in foreign {
        let process = try scheduler.attemptPart(1, bytes)
        #expect(process.status == 65)
        #expect(process.errors.contains(message), "\(process.errors)")
      }
      let process = try scheduler.assemble(own(frames), out: try TemporaryFolder())
      #expect(process.status == 65)
      #expect(process.errors.contains("meant for another command"), "\(process.errors)")
    }

    private func own(_ frames: [Scheduler.Frame]) -> [UInt8] {
      frames.filter { $0.destination == 1 }.flatMap(\.bytes)
    }

    /// `assemble` must get all logs, and each part exactly once, made with the same flags.
    @Test func partsThatMakeNoWholeAreRefused() throws {
      let logs = try Self.logs()
      let scheduler = try Scheduler(partitions: 2)
      let frames = try Self.frames(scheduler, logs)
      let counts = try scheduler.parts(of: frames).counts
      let logCount = try logs.names().count
      let otherTop = try Scheduler(partitions: 2, chart: ["--top", "3"])
      let another = try otherTop.part(1, frames.filter { $0.destination == 1 })
      let out = try TemporaryFolder()
      func expectRefused(
        _ message: String, _ counts: [[UInt8]], _ flags: [String] = [], code: Int32 = 65,
        sourceLocation: SourceLocation = #_sourceLocation
      ) throws {
        let scheduler = try Scheduler(partitions: 2, assemble: flags)
        let process = try scheduler.assemble(counts.flatMap(\.self), out: out)
        #expect(process.status == code, sourceLocation: sourceLocation)
        #expect(
          process.errors.contains(message), "\(process.errors)", sourceLocation: sourceLocation)
        #expect(
          try out.names().filter { !$0.hasPrefix(".") } == [], sourceLocation: sourceLocation)
      }
      // Logs come first, then users 0 and 1, then countries 0 and 1.
      var missing = counts
      missing.remove(at: logCount + 1)
      try expectRefused("the users of partition 1 are missing", missing)
      try expectRefused("the countries of partition 1 are missing", counts.dropLast())
      try expectRefused("the users of partition 0 were given twice", counts + [counts[logCount]])
      try expectRefused(" accepted rows: ", Array(counts.dropFirst()))
      let last = Scheduler.Frame.all(of: counts[counts.count - 1])
      try #require(last.count == 2)
      try expectRefused(
        "partial country charts were given, but", counts.dropLast() + [last[1].bytes])
      try expectRefused("partial country charts were given, but", counts + [last[0].bytes])
      try expectRefused("would be counted twice", counts + [counts[0]])
      try expectRefused("different flags", missing + [another.counts])
      try expectRefused("outside the window", counts, ["--date", "20260704"])
      try expectRefused("outside the window", counts, ["--days", "2"])
      try expectRefused("no log for 20260629", counts, ["--require-all-days"])
      try expectRefused("rows are bad", counts, ["--max-bad-rows", "0.1%"])
      try expectRefused("different flags", counts, ["--repair"])
      try expectRefused("no logs", [], code: 66)
      let process = try scheduler.assemble(counts.shuffled(seed: 3).flatMap(\.self), out: out)
      #expect(process.status == 0, "\(process.errors)")
      #expect(process.errors.contains("no log for 20260629"), "\(process.errors)")
    }

    /// A log of 3 million rows is rolled up in 32 MiB, and its partition is charted in 32 MiB, with
    /// many segments and merge passes.
    @Test func memoryIsKept() throws {
      let logs = try TemporaryFolder()
      let synth = try ChartmillProcess.run([
        "synth", "--quiet", "--gzip", "--out", logs.path, "--days", "1", "--rows", "3000000",
        "--users", "1000000", "--seed", "7",
      ])
      try #require(synth.status == 0)
      let memory = ["--memory", "32MiB"]
      let scheduler = try Scheduler(
        partitions: 1, rollup: memory + ["--threads", "1"], chart: memory)
      let charts = try scheduler.charts(of: Self.frames(scheduler, logs))
      let run = try Scheduler.manifest(in: charts).run
      #expect(run.memoryBudget == 32 << 20)
      #expect(run.peakResident <= 32 << 20)
      #expect(run.peakResident > 16 << 20)
      let one = try ChartRun(["--logs", logs.path, "--partitions", "1"])
      try Self.expectSame(charts, as: one.out)
    }

    /// The list of frames counts toward the memory budget. This test has tens of thousands of small
    /// frames.
    @Test func manyFramesFit() throws {
      let book = try LogBook("1|2|FR\n")
      let scheduler = try Scheduler(partitions: 1, chart: ["--memory", "32MiB"])
      let frames = try Self.frames(scheduler, book.folder).filter { $0.destination == 0 }
      let many = Array(repeating: frames.flatMap(\.bytes), count: 20_000).flatMap(\.self)
      let process = try scheduler.attemptPart(0, many)
      try #require(process.status == 0, "\(process.errors)")
      #expect(try scheduler.scratch.read("out") == "2|1:20000\n")
      let folder = scheduler.scratch
      let reader = FrameReader(
        try File.open(reading: folder.path(of: "counts")), partitions: scheduler.partitions)
      let header = try #require(try reader.next())
      let part = try reader.record(PartRecord.self, of: header)
      #expect(part.work.peakResident <= 32 << 20)
      #expect(part.streams == 20_000)
    }

    @Test(
      arguments: [
        (["rollup", "--frames"], "--frames rolls up one log, but none was given"),
        (["rollup", "--frames", "a", "b"], "--frames rolls up one log, but 2 were given"),
        (["rollup", "--frames", "-"], "--name is required for a log on standard input"),
        (["rollup", "--frames", "a", "--state", "b"], "--state cannot be combined with --frames"),
        (
          ["rollup", "a", "--state", "b", "--name", "c"],
          "--name is only for a log on standard input"
        ),
        (["chart"], "--partition K is required"),
        (["chart", "--partition", "64"], "--partition '64' is not a whole number from 0 to 63"),
        (
          ["chart", "--partition", "3", "--records", "songs"],
          "--records 'songs' is not one of users"
        ),
        (
          ["chart", "--partition", "3", "--records", "countries", "--user-countries", "a"],
          "--user-countries is only for --records users"
        ),
        (["assemble"], "--out DIR is required"),
        (
          ["chart", "--partition", "3", "--charts-name", "../a"],
          "--charts-name '../a' is not a path below the folder of the manifest"
        ),
        (
          ["chart", "--partition", "3", "--records", "countries", "--charts-name", "a"],
          "--charts-name is only for --records users"
        ),
        (["assemble", "--out", "a", "--stored-in", "/a"], "--stored-in '/a' is not a path below"),
      ] as [([String], String)])
    func mistakesAreUsageErrors(_ arguments: [String], message: String) throws {
      let process = try ChartmillProcess.run(arguments)
      #expect(process.status == 64)
      #expect(process.errors.contains(message), "\(process.errors)")
    }

    @Test func aFullStandardOutputIsAnError() throws {
      let logs = try Self.logs()
      let process = try ChartmillProcess.run(
        ["rollup", logs.path(of: "listen-20260703.log.gz"), "--frames"], outputPath: "/dev/full")
      #expect(process.status == 74)
      #expect(process.errors.contains("cannot write standard output: No space left"))
    }
  }
}

extension Array {
  /// The elements in a random order that depends only on the seed.
  fileprivate func shuffled(seed: UInt64) -> [Element] {
    var random = RandomStream(seed: seed)
    var rest = self
    return indices.map { _ in rest.remove(at: Int(random.next() % UInt64(rest.count))) }
  }
}
