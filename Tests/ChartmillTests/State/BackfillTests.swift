import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel

@Suite struct BackfillTests {
  private func arguments(_ bench: StateBench, _ flags: [String] = []) -> [String] {
    [
      "backfill", "--logs", bench.logs, "--out", bench.out, "--state", bench.state, "--from",
      "\(bench.days[2])", "--to", "\(bench.days[bench.days.count - 1])", "--days", "3", "--threads",
      "2",
    ] + flags
  }

  /// The charts of each date, from separate runs without a state folder.
  private func expected(_ bench: StateBench, _ flags: [String] = []) throws -> [Day: Published] {
    var charts: [Day: Published] = [:]
    for date in bench.days[2...] {
      charts[date] = try bench.expected(["--days", "3", "--date", "\(date)"] + flags)
    }
    return charts
  }

  private func expectCharts(
    _ expected: [Day: Published], in bench: StateBench,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (date, charts) in expected {
      #expect(
        try Published(bench.out, date: date) == charts, "\(date)", sourceLocation: sourceLocation)
    }
  }

  @Test func givesTheChartsOfSingleRunsAndRollsUpADayOnce() throws {
    let bench = try StateBench(days: 8)
    let made = try ChartmillProcess.run(arguments(bench))
    #expect(made.status == 0, "\(made.errors)")
    try expectCharts(try expected(bench), in: bench)
    #expect(made.output.split(separator: "\n").count == 6)
    var rolledUp: [Day] = []
    for date in bench.days[2...] {
      let published = try Published(bench.out, date: date)
      rolledUp += published.facts.inputs.map(\.day).filter {
        !published.run.keptDays.contains($0)
      }
    }
    #expect(rolledUp == bench.days)

    // A second backfill has nothing to do and changes no file.
    let before = try FileManager.default.attributesOfItem(
      atPath: "\(bench.out)/manifest_\(StateBench.last).json")
    let again = try ChartmillProcess.run(arguments(bench))
    #expect(again.status == 0)
    #expect(
      again.output == bench.days[2...].map { "\($0) skipped: already charted\n" }.joined())
    let after = try FileManager.default.attributesOfItem(
      atPath: "\(bench.out)/manifest_\(StateBench.last).json")
    #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
  }

  /// A dry run says what the backfill then does, and writes nothing.
  @Test func aDryRunSaysWhatWouldBeCharted() throws {
    let bench = try StateBench(days: 6, rows: 500)
    try bench.removeLog(bench.days[4])
    let dry = try ChartmillProcess.run(arguments(bench, ["--dry-run"]))
    #expect(try names(in: bench.folder.path) == ["logs"])
    let made = try ChartmillProcess.run(arguments(bench))
    func charted(_ output: String) -> String {
      output.split(separator: "\n").map { line in
        let words = line.split(separator: " ", maxSplits: 2)
        return words[1] == "charted:" ? "\(words[0]) would be charted\n" : "\(line)\n"
      }.joined()
    }
    #expect(dry.output == charted(made.output))
    #expect(dry.output.hasPrefix("\(bench.days[2]) would be charted\n"))
    #expect(dry.status == 66 && made.status == 66)
    let day = bench.days[4]
    #expect(
      dry.errors == """
        chartmill: 1 date would be skipped because it has no log or no accepted rows: \(day)
          All other dates have logs. Add the logs and run the same command again, or add \
        --allow-missing-last-day to chart dates that have no rows of their own.

        """)
    // A changed log makes its dates due again. The state has rollups now, and the dry run locks
    // nothing.
    try bench.replaceLog(bench.days[3], seed: 3, rows: 400)
    let files = try [bench.out, bench.state].map(contents)
    let again = try ChartmillProcess.run(arguments(bench, ["--dry-run", "--json"]))
    #expect(try [bench.out, bench.state].map(contents) == files)
    let days = bench.days
    #expect(
      again.output == """
        {"date":"\(days[2])","status":"already charted"}
        {"date":"\(days[3])","status":"would be charted"}
        {"date":"\(days[4])","reason":"no log for \(days[4]), the last day of the window, in \
        '\(bench.logs)'","status":"skipped"}
        {"date":"\(days[5])","status":"would be charted"}

        """)
  }

  private func contents(_ path: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try names(in: path) {
      contents[name] = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
    }
    return contents
  }

  @Test(arguments: [["--top", "5"], ["--partitions", "16"], ["--days", "2"]])
  func otherFlagsChartTheDatesAgain(_ flags: [String]) throws {
    let bench = try StateBench(days: 4, rows: 500)
    #expect(try ChartmillProcess.run(arguments(bench)).status == 0)
    let other = arguments(bench)
    let made = try ChartmillProcess.run(
      flags[0] == "--days" ? replaced(other, flags) : other + flags)
    #expect(made.status == 0, "\(made.errors)")
    #expect(!made.output.contains("already charted"))
  }

  private func replaced(_ arguments: [String], _ flags: [String]) -> [String] {
    var arguments = arguments
    if let index = arguments.firstIndex(of: flags[0]) { arguments[index + 1] = flags[1] }
    return arguments
  }

  /// If other rows count, the charts are different.
  @Test(arguments: [["--repair"], ["--allow-country", "XK"]])
  func otherRulesForRowsChartTheDatesAgain(_ flags: [String]) throws {
    let bench = try StateBench(days: 4)
    #expect(try ChartmillProcess.run(arguments(bench)).status == 0)
    let made = try ChartmillProcess.run(arguments(bench, flags))
    #expect(made.status == 0, "\(made.errors)")
    try expectCharts(try expected(bench, flags), in: bench)
  }

  @Test func otherRulesForRowsAreFoundWithoutTheRollups() throws {
    let bench = try StateBench(days: 5)
    let first = try ChartmillProcess.run(arguments(bench, ["--keep-days", "3"]))
    #expect(first.status == 0, "\(first.errors)")
    let made = try ChartmillProcess.run(arguments(bench, ["--repair"]))
    #expect(made.status == 0, "\(made.errors)")
    #expect(!made.output.contains("already charted"), "\(made.output)")
    try expectCharts(try expected(bench, ["--repair"]), in: bench)
  }

  /// If a log arrives late or is corrected, the dates whose windows include its day are charted
  /// again.
  @Test func aDateWhoseLogsChangedIsChartedAgain() throws {
    let bench = try StateBench(days: 6)
    #expect(try ChartmillProcess.run(arguments(bench)).status == 0)
    try bench.replaceLog(bench.days[1], seed: 3, rows: 1800)
    let made = try ChartmillProcess.run(arguments(bench))
    #expect(made.status == 0, "\(made.errors)")
    try expectCharts(try expected(bench), in: bench)
    #expect(
      made.output.contains("\(bench.days[4]) skipped: already charted"), "\(made.output)")
  }

  @Test(arguments: 1...3)
  func continuesAfterKills(_ seed: UInt64) throws {
    let bench = try StateBench(days: 8, rows: 3000)
    let expected = try expected(bench)
    var numbers = SeededGenerator(seed: seed)
    var finished: [String: Date] = [:]
    var kills = 0
    while true {
      let run = try ChildProcess(chartmill: arguments(bench))
      // After twelve kills, it is allowed to finish.
      if kills < 12 {
        let delay = Double.random(in: 0.02...0.2, using: &numbers)
        _ = run.waits { run.elapsed >= delay }
        run.signal(SIGKILL)
      }
      let made = run.wait()
      // Finished dates stay as they are.
      for (name, date) in finished {
        let attributes = try FileManager.default.attributesOfItem(atPath: name)
        #expect(attributes[.modificationDate] as? Date == date)
      }
      for name in try names(in: bench.out) where name.hasPrefix("manifest_") {
        let path = "\(bench.out)/\(name)"
        finished[path] =
          try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      }
      if made.status == 0 { break }
      #expect(made.status == 128 + SIGKILL, "\(made.errors)")
      kills += 1
    }
    try expectCharts(expected, in: bench)
    try bench.expectNothingStray("seed \(seed)")
  }

  @Test func dropsOldRollupsAfterEachDate() throws {
    let bench = try StateBench(days: 6, rows: 300)
    #expect(try ChartmillProcess.run(arguments(bench, ["--keep-days", "3"])).status == 0)
    #expect(try names(in: bench.state) == bench.days[3...].map(KeptRollup.name))
    try expectCharts(try expected(bench), in: bench)
  }

  /// A gap in the logs does not affect other dates, even if it is at an end or longer than the
  /// window.
  @Test func aDateWithoutItsOwnLogIsSkipped() throws {
    let bench = try StateBench(days: 8, rows: 300)
    let gap = [bench.days[3], bench.days[4], bench.days[5]]
    for day in gap { try bench.removeLog(day) }
    var arguments = arguments(bench)
    let end = try #require(bench.days.last).advanced(by: 2)
    arguments[arguments.firstIndex(of: "--to").map { $0 + 1 } ?? 0] = "\(end)"
    let skipped = gap + [end.advanced(by: -1), end]
    for _ in 1...2 {
      let made = try ChartmillProcess.run(arguments)
      #expect(made.status == 66)
      #expect(
        made.errors.contains(
          "5 dates were skipped because they have no log or no accepted rows: "
            + skipped.map(\.description).joined(separator: ", ")), "\(made.errors)")
      for day in skipped {
        #expect(made.output.contains("\(day) skipped: no log"), "\(made.output)")
        #expect(!(try names(in: bench.out)).contains("manifest_\(day).json"))
      }
      for day in [bench.days[2], bench.days[6], bench.days[7]] {
        #expect(
          try Published(bench.out, date: day)
            == bench.expected(["--days", "3", "--date", "\(day)"]))
      }
    }
    // With the flag, a date without a log of its own is charted if its window has a log.
    let asked = try ChartmillProcess.run(arguments + ["--allow-missing-last-day"])
    #expect(asked.status == 66)
    #expect(
      asked.errors.contains(
        "1 date was skipped because it has no log or no accepted rows: \(gap[2])\n"))
    #expect(try names(in: bench.out).contains("manifest_\(end).json"))
  }

  /// A date whose log has no accepted row is skipped like one without a log.
  @Test(arguments: ["1", "3"])
  func aDateWithoutARowIsSkipped(days: String) throws {
    let bench = try StateBench(days: 5, rows: 300)
    try bench.removeLog(bench.days[3])
    try Data().write(to: URL(fileURLWithPath: "\(bench.logs)/listen-\(bench.days[3]).log"))
    var arguments = arguments(bench)
    arguments[arguments.firstIndex(of: "--days").map { $0 + 1 } ?? 0] = days
    let made = try ChartmillProcess.run(arguments)
    #expect(made.status == 66)
    #expect(
      made.output.contains("\(bench.days[3]) skipped: no accepted rows for \(bench.days[3])"),
      "\(made.output)")
    #expect(made.output.contains("\(bench.days[4]) charted"))
    #expect(!(try names(in: bench.out)).contains("manifest_\(bench.days[3]).json"))
  }

  @Test func aMissingRequiredDayEndsABackfillAndKeepsFinishedDates() throws {
    let bench = try StateBench(days: 4, rows: 300)
    var arguments = arguments(bench, ["--require-all-days"])
    arguments[arguments.firstIndex(of: "--to").map { $0 + 1 } ?? 0] = "20260707"
    let made = try ChartmillProcess.run(arguments)
    #expect(made.status == 65, "\(made.errors)")
    #expect(made.errors.contains("20260706"))
    try expectCharts(try expected(bench), in: bench)
  }
}
