import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillModel
@testable import ChartmillSystem

/// What `plan` prints about logs. It does not read them, so these logs are sparse files of any
/// size.
@Suite struct PlanTests {
  /// The lines of the item `name`, without the name and the indentation.
  private func item(_ name: String, of output: String) -> [String] {
    var lines: [String] = []
    var isInside = false
    for line in output.split(separator: "\n") {
      if line.first != " " { isInside = line.split(separator: " ").first == name[...] }
      if isInside { lines.append(String(line.dropFirst(13))) }
    }
    return lines
  }

  private func makeLog(
    _ name: String, bytes: UInt64, isGzip: Bool = false, in folder: TemporaryFolder
  ) throws {
    try folder.write("", to: name)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path(of: name)))
    if isGzip { try file.write(contentsOf: [0x1f, 0x8b]) }
    try file.truncate(atOffset: bytes)
    try file.close()
  }

  private func plan(
    _ arguments: String..., in folder: TemporaryFolder, _ flags: [String] = []
  ) throws -> String {
    let process = try ChartmillProcess.run(["plan"] + arguments + flags, in: folder)
    #expect(process.errors == "")
    #expect(process.status == 0)
    return process.output
  }

  /// What the tests read from `plan --json`, with the keys and types of a manifest.
  private struct Planned: Decodable {
    struct Window: Decodable {
      let first: Day
      let last: Day
      let days: Int
      let missing: [Day]
    }
    struct Input: Decodable {
      let name: String
      let day: Day
      let reading: Manifest.Input.Reading
      let bytes: Int
    }
    struct Estimate: Decodable {
      let rows: Int
      let segments: Int
    }
    struct Disk: Decodable {
      let folders: [String]
      let bytes: Int
      let freeBytes: Int?
      let verdict: String
    }
    let date: Day
    let window: Window
    let inputs: [Input]
    let keptDays: [Day]
    let outsideWindow: NameExamples
    let overlooked: [OverlookedNames]
    let estimate: Estimate
    let memory: [String: Int]
    let disks: [Disk]
    let fits: Bool

    init(_ process: ChartmillProcess) throws {
      #expect(process.output.hasSuffix("}\n") && !process.output.dropLast().contains("\n"))
      self = try JSONDecoder().decode(Planned.self, from: Data(process.output.utf8))
    }
  }

  @Test func jsonHasTheNumbersOfTheText() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260703.log", bytes: 2_130_000, in: folder)
    try makeLog("listen-20260704-a.log.gz", bytes: 1024, isGzip: true, in: folder)
    try makeLog("listen-20260704-\"b.log", bytes: 2048, in: folder)
    try makeLog("listen-20260701.log", bytes: 1, in: folder)
    try makeLog("listen-2026-07-05.log", bytes: 1, in: folder)
    let process = try ChartmillProcess.run(
      [
        "plan", "--logs", ".", "--out", "charts", "--date", "20260705", "--days", "3",
        "--allow-missing-last-day", "--memory", "64MiB", "--json",
      ], in: folder)
    #expect(process.status == 0, "\(process.errors)")
    let plan = try Planned(process)
    #expect(plan.date.description == "20260705")
    #expect(plan.window.first.description == "20260703" && plan.window.last == plan.date)
    #expect(plan.window.days == 3 && plan.window.missing == [plan.date])
    #expect(
      plan.inputs.map(\.name) == [
        "listen-20260703.log", "listen-20260704-\"b.log", "listen-20260704-a.log.gz",
      ])
    #expect(plan.inputs.map(\.day.description) == ["20260703", "20260704", "20260704"])
    #expect(plan.inputs.map(\.reading) == [.text, .text, .gzip])
    #expect(plan.inputs.map(\.bytes) == [2_130_000, 2048, 1024])
    #expect(plan.keptDays == [] && plan.outsideWindow.examples == ["listen-20260701.log"])
    #expect(plan.overlooked.map(\.names.examples) == [["listen-2026-07-05.log"]])
    #expect((100_000..<101_000).contains(plan.estimate.rows))
    let memory = plan.memory
    #expect(memory["memoryBudget"] == 64 << 20)
    let fixed = ["resident", "reserve", "countryCharts", "window"].compactMap { memory[$0] }
    let worker = try #require(memory["workerFixed"]) + #require(memory["workerArena"])
    let rest = try 64 << 20 - fixed.reduce(0, +) - #require(memory["threads"]) * worker
    #expect(fixed.count == 4 && (0..<1 << 16).contains(rest))
    #expect(plan.disks.map(\.verdict) == ["fits"] && plan.disks[0].folders == ["charts"])
    #expect(plan.fits)
  }

  @Test func namesTheWindowAndTheLogsThatItLeavesOut() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260703.log", bytes: 2_130_000, in: folder)
    try makeLog("listen-20260704-a.log.gz", bytes: 1024, isGzip: true, in: folder)
    try makeLog("listen-20260704-b.log.gz", bytes: 2048, isGzip: true, in: folder)
    try makeLog("listen-20260701.log", bytes: 1, in: folder)
    try makeLog("listen-2026-07-05.log", bytes: 1, in: folder)
    let output = try plan(
      "--logs", ".", "--date", "20260705", "--days", "3",
      "--allow-missing-last-day", in: folder)
    #expect(
      item("window", of: output) == [
        "20260703 to 20260705, 2 of 3 days", "20260703  2.0MiB  listen-20260703.log",
        "20260704    3KiB  listen-20260704-a.log.gz, listen-20260704-b.log.gz",
      ])
    #expect(item("missing", of: output) == ["20260705"])
    #expect(
      item("ignored", of: output) == [
        "listen-20260701.log: outside the window", "listen-2026-07-05.log: almost named like a log",
      ])
    #expect(item("logs", of: output) == ["3 files, 2 of them gzip, 2.0MiB"])
    #expect(item("rows", of: output) == ["about 100,000, estimated from the size of the logs"])
    #expect(
      item("disk", of: output) == ["not checked: add --out DIR, the folder for the charts"])
  }

  /// A run recognizes gzip by the first bytes of a log, so `plan` does the same.
  @Test func gzipIsRecognizedByItsBytes() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log", bytes: 960_000, isGzip: true, in: folder)
    let output = try plan("listen-20260705.log", "--days", "1", in: folder)
    #expect(item("logs", of: output) == ["1 file, 1 of them gzip, 938KiB"])
    #expect(item("rows", of: output) == ["about 100,000, estimated from the size of the logs"])
  }

  @Test(arguments: ["32MiB", "256MiB", "3GiB"])
  func memoryAddsUp(_ budget: String) throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log.gz", bytes: 960_000_000, isGzip: true, in: folder)
    let output = try plan("--logs", ".", "--memory", budget, "--threads", "2", in: folder)
    let lines = item("memory", of: output)
    let numbers = lines.compactMap { line in
      line.split(separator: " ").lazy.compactMap { Int($0.filter { $0 != "," }) }.first
    }
    try #require(numbers.count == 8)
    #expect(lines[0].hasSuffix("--memory, \(budget)"))
    #expect(numbers[0] - numbers[1...4].reduce(0, +) == numbers[5])
    let rest = numbers[5] - 2 * (numbers[6] + numbers[7])
    #expect(lines[5].hasSuffix("for 2 workers, each with"))
    // The size of an arena is a multiple of the page size.
    #expect((0..<2 * 4096).contains(rest))
  }

  @Test func lessMemoryTakesMoreDiskAndPasses() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log.gz", bytes: 960_000_000, isGzip: true, in: folder)
    let large = try plan("--logs", ".", "--memory", "1GiB", in: folder)
    let small = try plan("--logs", ".", "--memory", "32MiB", "--threads", "1", in: folder)
    #expect(item("merge", of: large)[0].hasSuffix(", enough for one pass"))
    #expect(item("spill", of: large) == ["about 563MiB, 5.9 bytes per row"])
    #expect(try #require(item("spill", of: small).first) != "about 563MiB, 5.9 bytes per row")
    #expect(item("output", of: large) == item("output", of: small))
    #expect(item("output", of: large) == ["about 1.1GiB"])
    let compressed = try plan("--logs", ".", "--compress", in: folder)
    #expect(item("output", of: compressed) == ["about 477MiB"])
  }

  @Test func aDiskThatIsTooSmallIsReported() throws {
    let folder = try TemporaryFolder()
    for day in 1...7 {
      try makeLog("listen-2026070\(day).log", bytes: 8 << 40, in: folder)
    }
    let arguments = ["--logs", ".", "--out", "new/charts"]
    let text = try ChartmillProcess.run(["plan"] + arguments, in: folder)
    let disk = try #require(item("disk", of: text.output).first)
    #expect(disk.hasPrefix("new/charts: "))
    #expect(disk.hasSuffix(" needed: does not fit"))
    let json = try ChartmillProcess.run(["plan", "--json"] + arguments, in: folder)
    #expect(try Planned(json).disks.map(\.verdict) == ["does not fit"])
    #expect(try !Planned(json).fits)
    // `plan` creates no folder.
    #expect(try folder.names().count == 7)
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "new"), withIntermediateDirectories: false)
    let run = try ChartmillProcess.run(["run"] + arguments, in: folder)
    #expect(run.errors.hasPrefix("chartmill: not enough free space in new/charts: about "))
    #expect(run.status == 74)
    #expect(text.status == 74 && json.status == 74)
    #expect(text.errors.prefix { $0 != ":" } == run.errors.prefix { $0 != ":" })
  }

  @Test func anotherDiskForSpillsHasItsOwnLine() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log", bytes: 2_130_000, in: folder)
    let process = try ChartmillProcess.run(
      ["plan", "--logs", ".", "--out", "charts", "--spill-dir", "/proc"], in: folder)
    let output = process.output
    // This file system reports that it has no blocks.
    #expect(process.errors.contains("/proc: the file system does not report its free space"))
    let disks = item("disk", of: output)
    try #require(disks.count == 2)
    #expect(disks[0].hasPrefix("charts: ") && disks[0].hasSuffix("about 1.1MiB needed: fits"))
    #expect(disks[1].hasPrefix("/proc: free space unknown, about "))
    #expect(disks[1].hasSuffix(" needed"))
  }

  @Test func failsWithTheCodeOfTheRun() throws {
    let folder = try TemporaryFolder()
    #expect(try ChartmillProcess.run(["plan", "--logs", "."], in: folder).status == 66)
    try makeLog("listen-20260705.log", bytes: 0, in: folder)
    let missing = try ChartmillProcess.run(
      ["plan", "--logs", ".", "--require-all-days"], in: folder)
    #expect(missing.status == 65)
    try makeLog("listen-20260705.log.gz", bytes: 0, in: folder)
    #expect(try ChartmillProcess.run(["plan", "--logs", "."], in: folder).status == 65)
    #expect(
      try ChartmillProcess.run(["plan", "--logs", ".", "--memory", "1MiB"], in: folder).status
        == 64)
  }

  /// A plan has lines only for work that the run does.
  @Test func daysThatAreKeptNeedNoWork() throws {
    let bench = try StateBench(days: 3)
    let flags = ["--state", bench.state, "--out", bench.out, "--days", "3"]
    let fresh = try plan(in: bench.folder, ["--logs", bench.logs] + flags)
    let names = ["logs", "rows", "rollup", "merge", "spill", "output"]
    #expect(names.allSatisfy { !item($0, of: fresh).isEmpty }, "\(fresh)")
    try bench.rollUpAll()
    for source in [["--logs", bench.logs], []] {
      let kept = try plan(in: bench.folder, source + flags)
      #expect(item("logs", of: kept) == ["none to read: each day has a kept rollup"])
      for name in ["rows", "rollup", "spill"] { #expect(item(name, of: kept).isEmpty, "\(kept)") }
      for name in ["merge", "output"] { #expect(!item(name, of: kept).isEmpty, "\(kept)") }
      let json = try ChartmillProcess.run(["plan", "--json"] + source + flags)
      let estimate = try Planned(json).estimate
      #expect(estimate.rows == 0 && estimate.segments == 0)
      #expect(try Planned(json).inputs.isEmpty)
    }
    // A day without a byte has no row to roll up either.
    try Data().write(to: URL(fileURLWithPath: "\(bench.logs)/listen-\(bench.days[2])-late.log"))
    try bench.removeLog(bench.days[2])
    let late = try plan(in: bench.folder, ["--logs", bench.logs] + flags)
    #expect(item("logs", of: late) == ["1 file, 0 of them gzip, 0B"])
    #expect(item("rows", of: late) == ["none to roll up"])
    #expect(item("rollup", of: late).isEmpty && item("spill", of: late).isEmpty)
  }

  /// The folder of logs may be out of reach. Its listing then gives the same window, and the errors
  /// of `run`.
  @Test func aListingTakesThePlaceOfAFolder() throws {
    let folder = try TemporaryFolder()
    let names = [
      ("listen-20260705.log.gz", 900), ("listen-20260704-a.log", 40), ("listen-20260701.log", 1),
      ("Listen-2026-07-03.log", 5), (".hidden", 5), ("listen-20260704-b.log", 41), ("x y", 6),
    ]
    for (name, bytes) in names {
      try makeLog(name, bytes: UInt64(bytes), isGzip: name.hasSuffix("gz"), in: folder)
    }
    let listing = names.map { "\($1) \($0)\n" }
    let flags = ["--days", "3", "--top", "7", "--compress", "--partitions", "4", "--json"]
    let ofFolder = try ChartmillProcess.run(["plan", "--logs", "."] + flags, in: folder)
    for order in [listing, listing.reversed(), listing.sorted()] {
      try folder.write(order.joined(), to: "listing")
      let listed = try ChartmillProcess.run(
        ["plan", "--logs", "s3a://logs", "--listing", "-"] + flags,
        inputPath: folder.path(of: "listing"), in: folder)
      #expect(listed.status == 0)
      #expect(listed.errors == "")
      for key in ["window", "outputs", "overlooked", "otherNames", "outsideWindow"] {
        #expect(
          try JSONText.value(key, of: listed.output) == JSONText.value(key, of: ofFolder.output),
          "\(key)")
      }
      #expect(
        listed.output.contains(
          #"{"bytes":41,"day":"20260704","name":"listen-20260704-b.log","reading":"text"}"#))
      #expect(listed.output.contains(#""name":"user_top7_20260705.txt.gz""#))
      #expect(listed.output.contains(#""partitions":4,"#))
      #expect(listed.output.contains(#""manifest":"manifest_20260705.json""#))
    }
  }

  @Test func aListingGivesTheErrorsOfRun() throws {
    let folder = try TemporaryFolder()
    let today = "20260705"
    let cases = [
      ("1 listen-\(today).log\n1 listen-\(today).log.gz\n", 65, "s3a://logs/listen-\(today).log, "),
      ("", 66, "no logs in 's3a://logs'"), ("x\n", 65, "listing: line 1 is not a size and a name"),
      ("1 a\n9\n", 65, "line 2 is not"), ("1 a/b\n", 65, "line 1 is not"),
      ("99999999999999999999 a\n", 65, "line 1 is not"), ("-1 a\n", 65, "line 1 is not"),
      (String(repeating: "1", count: 5000), 65, "line 1 is not"),
      ("1 listen-99990705.log\n", 66, "dated more than a day ahead of the clock"),
      ("1 manifest_\(today).json\n", 66, "contains published charts instead of logs"),
    ]
    for (listing, code, message) in cases {
      try folder.write(listing, to: "listing")
      let process = try ChartmillProcess.run(
        ["plan", "--logs", "s3a://logs", "--listing", "listing"], in: folder)
      #expect(process.status == code, "\(listing)")
      #expect(process.errors.contains(message), "\(process.errors)")
    }
    let alone = try ChartmillProcess.run(["plan", "--listing", "-"], in: folder)
    #expect(alone.status == 64)
    let kept = try ChartmillProcess.run(
      ["plan", "--logs", "a", "--listing", "-", "--state", "b"], in: folder)
    #expect(kept.status == 64)
    // A window with more logs than fit in the memory is refused before all of it is read.
    let logs = (0..<20_000).map { "1 listen-20260705-\($0).log\n" }
    try folder.write(logs.joined(), to: "listing")
    let many = try ChartmillProcess.run(
      ["plan", "--logs", "a", "--listing", "listing", "--memory", "32MiB"], in: folder)
    #expect(many.status == 64, "\(many.errors)")
  }

  /// The records of rollups that a distributed job keeps are trusted as a state folder is.
  @Test func recordsOfRollupsAreTrustedLikeRollups() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      10,1000 listen-20260705.log
      20,2000 listen-20260704-a.log
      30,3000 listen-20260704-b.log
      40 listen-20260703.log

      """, to: "listing")
    func plan(_ records: [String], _ flags: [String] = []) throws -> ChartmillProcess {
      try folder.write(records.map { $0 + "\n" }.joined(), to: "kept")
      return try ChartmillProcess.run(
        [
          "plan", "--json", "--logs", "s3a://logs", "--listing", "listing", "--kept", "kept",
          "--days", "4",
        ] + flags, in: folder)
    }
    let fresh = try plan([])
    #expect(fresh.status == 0, "\(fresh.errors)")
    let format = try #require(Int(JSONText.value("rollupFormat", of: fresh.output)))
    let rules = try JSONText.value("rules", of: fresh.output)
    func record(
      _ day: Int, _ logs: [(String, Int, Int)], format: Int = format, partitions: Int = 64,
      rules: String = rules, isDamaged: Bool = false
    ) -> String {
      let logs = logs.map { name, bytes, time in
        #"{"name":"listen-\#(name).log","bytes":\#(bytes),"modified":\#(time)}"#
      }
      return #"{"format":\#(format),"day":"\#(day)","partitions":\#(partitions),"rules":\#(rules),"#
        + #""logs":[\#(logs.joined(separator: ","))],"isDamaged":\#(isDamaged),"parts":7}"#
    }
    func keptDays(_ records: [String], _ flags: [String] = []) throws -> (String, String) {
      let process = try plan(records, flags)
      #expect(process.status == 0, "\(process.errors)")
      return (
        try JSONText.value("keptDays", of: process.output),
        try JSONText.value("notices", of: process.output)
      )
    }
    let fourth = record(20_260_704, [("20260704-b", 30, 3000), ("20260704-a", 20, 2000)])
    #expect(try keptDays([fourth]) == (#"["20260704"]"#, "[]"))
    let gone = record(20_260_702, [("20260702", 1, 1)])
    let withGone = try keptDays([gone, fourth])
    #expect(withGone.0 == #"["20260702","20260704"]"#)
    #expect(withGone.1.contains("the log was not found; its kept rollup was used"))
    let unused: [(String, String)] = [
      (record(20_260_705, [("20260705", 11, 1000)]), "the log changed after it was rolled up"),
      (record(20_260_705, [("20260705", 10, 1001)]), "the log changed after it was rolled up"),
      (record(20_260_704, [("20260704-a", 20, 2000)]), "the log changed after it was rolled up"),
      // The time of this log is not known.
      (record(20_260_703, [("20260703", 40, 0)]), "the log changed after it was rolled up"),
      (record(20_260_705, [("20260705", 10, 1000)], partitions: 8), "a different --partitions"),
      (record(20_260_705, [("20260705", 10, 1000)], rules: #""other""#), "different country codes"),
      (record(20_260_705, [("20260705", 10, 1000)], format: 1), "made by another version"),
      (record(20_260_705, [("20260705", 10, 1000)], isDamaged: true), "is damaged; it was rebuilt"),
    ]
    for (record, notice) in unused {
      let found = try keptDays([record])
      #expect(found.0 == "[]", "\(record)")
      #expect(found.1.contains(notice), "\(found.1)")
    }
    let unusable = try plan([record(20_260_702, [("20260702", 1, 1)], isDamaged: true)])
    #expect(unusable.status == 65)
    #expect(
      unusable.errors.hasPrefix(
        "chartmill: day-20260702.json: the kept rollup is damaged, and its log was not found"))
    // A kept day may end the window, and old days are obsolete.
    let days = (20_260_625...20_260_630).map { record($0, [("\($0)", 1, 1)]) }
    let sixth = record(20_260_706, [("20260706", 1, 1)])
    let later = try plan(days + [sixth], ["--keep-days", "9"])
    #expect(try JSONText.value("date", of: later.output) == #""20260706""#)
    #expect(
      try JSONText.value("obsoleteDays", of: later.output)
        == #"["20260625","20260626","20260627"]"#)
    #expect(try JSONText.value("obsoleteDays", of: plan(days).output) == "[]")
    for bad in [["x"], [fourth, fourth], [#"{"format":\#(format),"day":"20260705"}"#]] {
      let process = try plan(bad)
      #expect(process.status == 65)
      #expect(process.errors.contains("kept: line \(bad.count) is not the record of a kept rollup"))
    }
    let alone = try ChartmillProcess.run(["plan", "--logs", ".", "--kept", "kept"], in: folder)
    #expect(alone.status == 64)
  }

  /// A command line of `run` still works when `run` is replaced by `plan`.
  @Test func acceptsEveryFlagOfRun() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log", bytes: 2_130_000, in: folder)
    try folder.write("FR\n", to: "codes")
    let ownFlags = ["--listing FILE", "--kept FILE"]
    #expect(
      RunCommand.flags.map(\.synopsis)
        == PlanCommand.flags.map(\.synopsis).filter { !ownFlags.contains($0) })
    let flags = [
      "--per-country", "--max-bad-rows", "1%", "--rejects", "r.gz", "--repair", "--state", "state",
      "--keep-days", "8", "--wait", "--quiet", "--stats", "--metrics", "m.prom", "--report",
    ]
    let planned = try plan("--logs", ".", "--out", "charts", in: folder, flags)
    #expect(item("rows", of: planned) == ["about 100,000, estimated from the size of the logs"])
    #expect(try folder.names() == ["codes", "listen-20260705.log"])
    let limited = try plan("--logs", ".", "--out", "charts", "--spill-limit", "1GiB", in: folder)
    #expect(
      item("disk", of: limited)[0].hasSuffix("needed: not checked because of --spill-limit"))
  }

  @Test func daysWithKeptRollupsAreNotRead() throws {
    let bench = try StateBench(days: 3, rows: 2000)
    try bench.rollUpAll()
    try FileManager.default.removeItem(atPath: bench.rollup(of: bench.days[1]))
    try bench.removeLog(bench.days[0])
    func plan() throws -> ChartmillProcess {
      try ChartmillProcess.run(
        "plan", "--logs", bench.logs, "--out", bench.out, "--state", bench.state, "--days", "3")
    }
    let alone = try ChartmillProcess.run("plan", "--state", bench.state, "--days", "3")
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(item("window", of: alone.output)[0] == "20260703 to 20260705, 2 of 3 days")
    let planned = try plan()
    #expect(planned.status == 0, "\(planned.errors)")
    let window = item("window", of: planned.output)
    #expect(window[0] == "20260703 to 20260705, 3 of 3 days")
    #expect(window[1].hasSuffix("0B  kept rollup, not read"))
    #expect(window[2].hasSuffix("listen-20260704.log.gz"))
    #expect(window[3].hasSuffix("listen-20260705.log.gz, kept rollup, not read"))
    #expect(item("logs", of: planned.output)[0].hasPrefix("1 file, 1 of them gzip"))
    // A run would refuse these rollups.
    try Data().write(to: URL(fileURLWithPath: bench.rollup(of: bench.days[0])))
    #expect(try plan().status == 65)
    let same = try ChartmillProcess.run(
      "plan", "--logs", bench.logs, "--out", bench.state, "--state", bench.state)
    #expect(same.status == 64)
  }

  /// A run says that the machine has too few cores, and the plan also how many threads would run.
  @Test func moreThreadsThanTheMachineCanUseAreReported() throws {
    let folder = try TemporaryFolder()
    try folder.write("1|2|FR\n", to: "listen-20260705.log")
    let cores = availableCores()
    let few = try plan("--logs", ".", "--threads", "\(cores * 4)", in: folder)
    #expect(!few.contains("far fewer than --threads"))
    let many = try plan(
      "--logs", ".", "--memory", "64MiB", "--threads", "\(cores * 4 + 1)", in: folder)
    let named = "\(cores) core\(cores == 1 ? "" : "s")"
    #expect(
      item("limits", of: many).contains(
        "threads: this process may use only \(named), far fewer than --threads"))
    let most = try plan("--logs", ".", "--memory", "64MiB", "--threads", "1024", in: folder)
    let fitting = try #require(item("limits", of: most).last)
    #expect(fitting.wholeMatch(of: /threads: only [0-9]{1,2} of 1,024 fit in --memory/) != nil)

    let run = try ChartmillProcess.run(
      [
        "run", "--logs", ".", "--out", "charts", "--days", "1", "--threads", "\(cores * 4 + 1)",
        "--quiet",
      ], in: folder)
    #expect(run.status == 0)
    #expect(
      run.errors
        == "chartmill: warning: --threads \(cores * 4 + 1) is far more than the \(named) that this "
        + "process may use: each thread gets a smaller part of --memory, and none is faster\n")
  }

  @Test func moreMemoryThanTheMachineHasIsReported() throws {
    let folder = try TemporaryFolder()
    try makeLog("listen-20260705.log", bytes: 1, in: folder)
    let planned = try ChartmillProcess.run(
      ["plan", "--logs", ".", "--memory", "1000TiB"], in: folder)
    #expect(
      item("limits", of: planned.output).last?.hasPrefix("memory: this machine has only ") == true)
    let run = try ChartmillProcess.run(
      ["run", "--logs", ".", "--out", "charts", "--memory", "1000TiB"], in: folder)
    #expect(run.status == 74, "\(run.errors)")
    #expect(run.errors.contains("Lower --memory"), "\(run.errors)")
    // The memory cannot be reserved, so `plan` fails like the run.
    #expect(planned.status == 74 && planned.errors.contains("Lower --memory"))
  }
}

/// Members of an object of JSON, as text.
private enum JSONText {
  static func value(_ key: String, of line: String) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    let value = try #require(object?[key])
    return String(
      decoding: try JSONSerialization.data(
        withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]), as: UTF8.self)
  }
}
