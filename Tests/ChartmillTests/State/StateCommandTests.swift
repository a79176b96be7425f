import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel

@Suite struct StateCommandTests {
  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  @Test func listsAndChecks() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    let expected = try bench.expected()
    let listed = try ChartmillProcess.run("state", "--state", bench.state)
    #expect(listed.status == 0)
    #expect(listed.errors == "")
    #expect(lines(listed.output).count == 4)
    #expect(
      lines(listed.output).first?.split(separator: " ").joined(separator: " ")
        == "day rows bad rows size partitions rules status made from")
    for (line, input) in zip(lines(listed.output).dropFirst(), expected.facts.inputs) {
      let words = line.split(separator: " ").map(String.init)
      #expect(words[0] == "\(input.day)" && words[2] == "\(input.rejected)", "\(line)")
      #expect(words[4...] == ["64", "249", "countries", "present", input.name], "\(line)")
    }
    let checked = try ChartmillProcess.run("state", "--state", bench.state, "--check")
    #expect(checked.status == 0)
    #expect(
      checked.output
        == listed.output.replacingOccurrences(of: "  present  ", with: "  verified  ")
        .replacingOccurrences(of: "  status   made", with: "  status    made"))
  }

  @Test func theRulesAreInWords() throws {
    let bench = try StateBench(days: 1)
    try bench.rollUpAll(["--repair", "--allow-country", "XK"])
    let listed = try ChartmillProcess.run("state", "--state", bench.state)
    #expect(lines(listed.output)[1].contains("  250 countries, repaired  "), "\(listed.output)")
  }

  @Test func theDamagedRollupIsNamed() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    // Only --check finds damage in a sorted run, because it reads everything.
    let path = URL(fileURLWithPath: bench.rollup(of: bench.days[0]))
    var bytes = try Data(contentsOf: path)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: path)
    #expect(try ChartmillProcess.run("state", "--state", bench.state).status == 0)
    let checked = try ChartmillProcess.run("state", "--state", bench.state, "--check")
    #expect(checked.status == 65)
    let verdicts = lines(checked.output)
    #expect(verdicts.count == 4)
    #expect(verdicts[1].contains("  damaged in the part that begins at byte "))
    #expect(verdicts.dropFirst(2).allSatisfy { $0.contains("  verified  ") })
    #expect(checked.errors.contains(KeptRollup.name(of: bench.days[0])))

    // Without --check, a truncated rollup is found.
    try Data(bytes.prefix(100)).write(to: path)
    let listed = try ChartmillProcess.run("state", "--state", bench.state)
    #expect(listed.status == 65)
    let torn = lines(listed.output)[1]
    #expect(torn.hasPrefix("\(bench.days[0])  "), "\(torn)")
    #expect(torn.contains("  not a complete rollup of this version  "), "\(torn)")
  }

  @Test func oneFolderForStateAndOutputIsRefused() throws {
    let bench = try StateBench()
    let made = try bench.run(out: bench.state)
    #expect(made.status == 64)
    #expect(made.errors.contains("--state and --out are the same folder"))
  }

  /// Neither charts nor rollups are written among the logs, by whatever path the folder is named.
  @Test func theFolderOfLogsIsNeitherForChartsNorForRollups() throws {
    let bench = try StateBench()
    let before = try FileManager.default.contentsOfDirectory(atPath: bench.logs).sorted()
    let link = bench.folder.path(of: "link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: bench.logs)
    let dates = ["--from", StateBench.last, "--to", StateBench.last]
    for (logs, other) in [
      (bench.logs, bench.logs), (bench.logs, bench.logs + "/."), (link, bench.logs),
      (bench.logs, link),
    ] {
      let commands: [(flag: String, arguments: [String])] = [
        ("--out", ["run", "--out", other]),
        ("--out", ["run", "--out", other, "--state", bench.state]),
        ("--state", ["run", "--out", bench.out, "--state", other]),
        ("--out", ["plan", "--out", other]),
        ("--state", ["plan", "--state", other]),
        ("--state", ["rollup", "--state", other]),
        ("--out", ["backfill", "--out", other, "--state", bench.state] + dates),
        ("--out", ["backfill", "--out", other, "--state", bench.state, "--dry-run"] + dates),
      ]
      for (flag, arguments) in commands {
        let made = try ChartmillProcess.run(arguments + ["--logs", logs])
        #expect(made.status == 64, "\(arguments): \(made.errors)")
        #expect(
          made.errors.hasPrefix("chartmill: \(flag) and --logs are the same folder, \(other)\n"),
          "\(made.errors)")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.logs).sorted() == before)
    #expect(try bench.folder.names() == ["link", "logs"])
    // A folder below the logs is another one.
    let below = try ChartmillProcess.run("run", "--logs", bench.logs, "--out", "\(link)/charts")
    #expect(below.status == 0, "\(below.errors)")
  }

  @Test func aFileWithTheNameOfALaterRollupDoesNotMoveTheWindow() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    try Data("stray".utf8).write(to: URL(fileURLWithPath: "\(bench.state)/day-20990101.rollup.gz"))
    let made = try ChartmillProcess.run(
      "run", "--logs", bench.logs, "--out", bench.out, "--state", bench.state, "--days", "3")
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      FileManager.default.fileExists(atPath: "\(bench.out)/manifest_\(StateBench.last).json"))
  }

  @Test func rollsUpEveryFileThatIsNamed() throws {
    let bench = try StateBench()
    let made = try ChartmillProcess.run(
      ["rollup"] + bench.days.map(bench.log) + ["--state", bench.state])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors == "")
    for day in bench.days {
      #expect(FileManager.default.fileExists(atPath: bench.rollup(of: day)), "\(day)")
    }
  }

  @Test func pruneDropsAllButTheNewestDays() throws {
    let bench = try StateBench(days: 5, rows: 100)
    try bench.rollUpAll()
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(bench.state)/notes.txt"))
    let none = try ChartmillProcess.run("state", "--state", bench.state, "--prune")
    #expect(none.status == 0)
    #expect(lines(none.output).count == 6)
    let some = try ChartmillProcess.run(
      "state", "--state", bench.state, "--prune", "--keep-days", "2")
    #expect(some.status == 0)
    #expect(
      lines(some.output).first
        == "deleted rollups of \(bench.days[..<3].map(\.description).joined(separator: ", "))")
    #expect(
      try names(in: bench.state) == bench.days[3...].map(KeptRollup.name) + ["notes.txt"])
  }

  @Test func aDryRunDeletesNothing() throws {
    let bench = try StateBench(days: 4, rows: 100)
    try bench.rollUpAll()
    func state(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["state", "--state", bench.state] + flags)
    }
    let listed = try state()
    let old = bench.days[..<2].map(\.description)
    let dry = try state("--prune", "--keep-days", "2", "--dry-run")
    #expect(
      dry.output == "would delete rollups of \(old.joined(separator: ", "))\n" + listed.output)
    #expect(try state("--prune", "--dry-run").output == "would delete no rollups\n" + listed.output)
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
    let json = try state("--prune", "--keep-days", "2", "--dry-run", "--json")
    #expect(
      lines(json.output).prefix(2)
        == old.map { #"{"day":"\#($0)","status":"would be deleted"}"# }[...])
    let deleted = try state("--prune", "--keep-days", "2", "--json")
    #expect(
      deleted.output == json.output.replacingOccurrences(of: "would be deleted", with: "deleted"))
    #expect(try names(in: bench.state) == bench.days[2...].map(KeptRollup.name))
  }

  @Test func jsonHasOneObjectPerRollup() throws {
    struct Rollup: Decodable {
      let day: Day
      let status: String
      let problem: String?
      let accepted: Int?
      let rejected: Int?
      let bytes: Int?
      let partitions: Int?
      let rules: String?
      let logs: Int?
      let examples: [String]?
    }
    let bench = try StateBench()
    try bench.rollUpAll()
    let inputs = try bench.expected().facts.inputs
    func rollups(_ flags: String..., status: Int32) throws -> [Rollup] {
      let process = try ChartmillProcess.run(["state", "--state", bench.state, "--json"] + flags)
      #expect(process.status == status, "\(process.errors)")
      return try lines(process.output).map {
        try JSONDecoder().decode(Rollup.self, from: Data($0.utf8))
      }
    }
    let present = try rollups(status: 0)
    #expect(present.map(\.day) == inputs.map(\.day))
    #expect(present.map(\.accepted) == inputs.map(\.accepted))
    #expect(present.map(\.rejected) == inputs.map(\.rejected))
    #expect(present.map(\.examples) == inputs.map { [$0.name] })
    for rollup in present {
      #expect(rollup.status == "present" && rollup.problem == nil && rollup.logs == 1)
      #expect(rollup.partitions == 64 && rollup.rules?.hasPrefix("249 countries ") == true)
      let size = try Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: rollup.day))).count
      #expect(rollup.bytes == size)
    }
    #expect(try rollups("--check", status: 0).allSatisfy { $0.status == "verified" })
    try Data().write(to: URL(fileURLWithPath: bench.rollup(of: bench.days[0])))
    let bad = try rollups(status: 65)[0]
    #expect(bad.status == "unusable" && bad.problem == "not a complete rollup of this version")
  }

  @Test func keepDaysNeverDropsADayOfTheWindow() throws {
    let bench = try StateBench(days: 5, rows: 100)
    try bench.rollUpAll()
    let made = try bench.run(["--days", "2", "--keep-days", "3"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(try names(in: bench.state) == bench.days[2...].map(KeptRollup.name))
    #expect(try bench.run(["--days", "3", "--keep-days", "1"]).status == 0)
    #expect(try names(in: bench.state) == bench.days[2...].map(KeptRollup.name))
    // A run of an earlier date keeps the days after it.
    #expect(
      try bench.run(["--days", "1", "--keep-days", "1", "--date", "\(bench.days[1])"]).status == 0)
    #expect(try names(in: bench.state) == bench.days[1...].map(KeptRollup.name))
    // Without the flag all rollups stay. A run that fails drops nothing.
    #expect(try bench.run(["--days", "5"]).status == 0)
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
    #expect(
      try bench.run(["--days", "1", "--keep-days", "1", "--max-bad-rows", "0"]).status == 65)
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  @Test func anEmptyOrMissingFolderIsMissingInput() throws {
    let folder = try TemporaryFolder()
    let empty = try ChartmillProcess.run("state", "--state", folder.path, "--check")
    #expect(empty.status == 66)
    #expect(empty.output == "")
    #expect(empty.errors.hasPrefix("chartmill: no rollups in '\(folder.path)'\n"))
    #expect(try folder.names() == [])
    let none = try ChartmillProcess.run("state", "--state", folder.path(of: "none"))
    #expect(none.status == 66)
    #expect(none.errors.contains("none"))
    #expect(try folder.names() == [])
  }

  @Test func onlyTheOwnerCanReadTheFolder() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(bench.state) == 0o700)
    for day in bench.days { #expect(try mode(bench.rollup(of: day)) == 0o600) }
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  @Test func gzipReadsEveryRollup() throws {
    let bench = try StateBench(days: 2, rows: 20_000)
    try bench.rollUpAll(["--memory", "32MiB", "--threads", "4"])
    for day in bench.days {
      let script =
        "gzip -t \"$1\" && test \"$(zcat \"$1\" | tail -c 16 | wc -c)\" = 16 && "
        + "zcat \"$1\" | grep -aq '\"day\":\"\(day)\"'"
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", script, "sh", bench.rollup(of: day)]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }
}
