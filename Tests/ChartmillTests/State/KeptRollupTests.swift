import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// Charts have the same bytes with and without a state folder, no matter which rollups are kept.
@Suite struct KeptRollupTests {
  private static let budgets = [
    ["--memory", "32MiB", "--threads", "1"], ["--memory", "64MiB", "--threads", "2"],
    ["--memory", "256MiB", "--threads", "4"],
  ]

  @Test(arguments: 0..<8)
  func everyMixtureOfKeptAndFresh(_ mask: Int) throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    let kept = bench.days.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
    for (index, day) in kept.enumerated() {
      let made = try bench.rollUp(["--date", "\(day)"] + Self.budgets[(mask + index) % 3])
      #expect(made.status == 0, "\(made.errors)")
    }
    let first = try bench.expectRun(Self.budgets[mask % 3], gives: expected)
    #expect(first.published.run.keptDays == kept)
    #expect(first.published.run.notices == [])
    for budget in Self.budgets {
      let second = try bench.expectRun(budget, gives: expected)
      #expect(second.published.run.keptDays == bench.days)
      #expect(second.published.run.spillRuns == 0)
    }
  }

  /// Rollups made with small and large budgets have few and many segments.
  @Test func rollupsOfOtherBudgets() throws {
    let bench = try StateBench(days: 2, rows: 400_000, users: 30_000)
    let expected = try bench.expected(["--memory", "512MiB"])
    let small = try bench.rollUp(
      ["--date", "\(bench.days[0])", "--memory", "32MiB", "--threads", "4"])
    #expect(small.status == 0, "\(small.errors)")
    let large = try bench.rollUp(["--date", "\(bench.days[1])", "--memory", "512MiB"])
    #expect(large.status == 0, "\(large.errors)")
    for flags in [["--memory", "32MiB", "--threads", "1"], ["--memory", "32MiB"], []] {
      let made = try bench.expectRun(flags, gives: expected)
      #expect(made.published.run.keptDays == bench.days)
      #expect(made.published.run.peakResident <= made.published.run.memoryBudget)
    }
  }

  @Test func aReplacedLogIsRolledUpAgain() throws {
    let bench = try StateBench()
    let before = try bench.expected()
    try bench.expectRun(gives: before)
    let day = bench.days[1]
    try bench.replaceLog(day, seed: 7, rows: 1700)
    let after = try bench.expected()
    #expect(after != before)
    let made = try bench.expectRun(gives: after)
    #expect(made.published.run.keptDays == [bench.days[0], bench.days[2]])
    #expect(made.published.run.notices == [RollupNotice(day: day, kind: .logChanged)])
    #expect(made.errors.contains("warning: \(day): the log changed after it was rolled up"))
    // The next run uses the new rollup.
    #expect(try bench.expectRun(gives: after).published.run.keptDays == bench.days)
  }

  @Test func aChangeOfOnlyTheSizeOrOnlyTheTimeIsFound() throws {
    let bench = try StateBench()
    let day = bench.days[2]
    try bench.expectRun(gives: try bench.expected())
    let time = try FileManager.default.attributesOfItem(atPath: bench.log(day))[.modificationDate]
    let modified = try #require(time as? Date)

    try bench.replaceLog(day, seed: 8, rows: 900)
    try FileManager.default.setAttributes(
      [.modificationDate: modified], ofItemAtPath: bench.log(day))
    let shorter = try bench.expected()
    #expect(try bench.expectRun(gives: shorter).published.notices(.logChanged) == [day])

    try FileManager.default.setAttributes(
      [.modificationDate: modified.addingTimeInterval(-86_400)], ofItemAtPath: bench.log(day))
    #expect(try bench.expectRun(gives: shorter).published.notices(.logChanged) == [day])
    #expect(try bench.expectRun(gives: shorter).published.run.notices == [])
  }

  /// The rollup of a day is made again if another file of the day arrives.
  @Test func aPartOfADayArrivesLate() throws {
    let bench = try StateBench()
    let day = bench.days[0]
    try bench.expectRun(gives: try bench.expected())
    try FileManager.default.copyItem(
      atPath: bench.log(bench.days[1]), toPath: "\(bench.logs)/listen-\(day)-late.log.gz")
    let after = try bench.expected()
    #expect(try bench.expectRun(gives: after).published.notices(.logChanged) == [day])
    #expect(try bench.expectRun(gives: after).published.run.keptDays == bench.days)
  }

  @Test func aDayThatArrivesLateIsRolledUp() throws {
    let bench = try StateBench()
    let day = bench.days[1]
    let log = try Data(contentsOf: URL(fileURLWithPath: bench.log(day)))
    try bench.removeLog(day)
    let without = try bench.expected()
    let first = try bench.expectRun(gives: without)
    #expect(first.published.facts.window.missing == [day])
    try log.write(to: URL(fileURLWithPath: bench.log(day)))
    let made = try bench.expectRun(gives: try bench.expected())
    #expect(made.published.run.keptDays == [bench.days[0], bench.days[2]])
    #expect(made.published.run.notices == [])
  }

  @Test func aRollupIsUsedWithoutItsLog() throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    try bench.rollUpAll()
    for (index, day) in bench.days.enumerated() {
      try bench.removeLog(day)
      let made = try bench.expectRun(gives: expected)
      let gone = bench.days[...index]
      #expect(made.published.run.notices == gone.map { RollupNotice(day: $0, kind: .logGone) })
      // Archived logs are normal, so cron has nothing to mail.
      #expect(made.errors == "")
      #expect(made.published.run.keptDays == bench.days)
    }
    // The same holds with a date, if all days are required, and the folder of logs is empty.
    try bench.expectRun(["--date", "\(bench.days[2])", "--require-all-days"], gives: expected)
  }

  @Test func theSummarySaysWhatWasReadAndWhatWasKept() throws {
    let bench = try StateBench(days: 4)
    func window() throws -> String? {
      let made = try ChartmillProcess.run(bench.arguments().filter { $0 != "--quiet" })
      #expect(made.status == 0 && !made.errors.contains("warning"), "\(made.errors)")
      return made.output.split(separator: "\n").first.map(String.init)
    }
    #expect(
      try window() == "window       20260702 to 20260705, 4 days: 4 read, 0 from kept rollups")
    #expect(
      try window() == "window       20260702 to 20260705, 4 days: 0 read, 4 from kept rollups")
    for day in bench.days[...1] { try bench.removeLog(day) }
    let next = try #require(bench.days.last).advanced(by: 1)
    try bench.replaceLog(next, seed: 4)
    #expect(
      try window()
        == "window       20260703 to 20260706, 4 days: 1 read, 3 from kept rollups (1 without a log)"
    )
  }

  /// Three of four days must not look like all of them.
  @Test func theSummarySaysHowManyDaysTheWindowHas() throws {
    let bench = try StateBench(days: 4)
    try bench.removeLog(bench.days[1])
    let made = try ChartmillProcess.run(bench.arguments().filter { $0 != "--quiet" })
    #expect(
      made.output.hasPrefix(
        "window       20260702 to 20260705, 3 of 4 days: 3 read, 0 from kept rollups\n"))
  }

  static let otherRules: [(flags: [String], kind: RollupNotice.Kind)] = [
    (["--partitions", "16"], .otherPartitions), (["--partitions", "128"], .otherPartitions),
    (["--partitions", "1"], .otherPartitions), (["--repair"], .otherRules),
    (["--allow-country", "XK"], .otherRules), (["--repair", "--allow-country", "XK"], .otherRules),
  ]

  @Test(arguments: otherRules.indices)
  func otherPartitionsAndRulesAreRolledUpAgain(_ index: Int) throws {
    let (flags, kind) = Self.otherRules[index]
    let bench = try StateBench()
    let plain = try bench.expected()
    let other = try bench.expected(flags)
    #expect(plain != other)
    try bench.rollUpAll()
    // The rollup of one day is made with different flags.
    #expect(try bench.rollUp(["--date", "\(bench.days[0])"] + flags).status == 0)
    let made = try bench.expectRun(flags, gives: other)
    #expect(made.published.run.keptDays == [bench.days[0]])
    #expect(made.published.notices(kind) == Array(bench.days[1...]))
    #expect(made.errors.contains("\(bench.days[1]): \(kind.rawValue)"))
    // The first flags roll all days up again.
    #expect(try bench.expectRun(gives: plain).published.notices(kind) == bench.days)

    // Without the log, a rollup that was made with different flags is an error.
    try bench.removeLog(bench.days[1])
    let failed = try bench.expectFailure(flags)
    #expect(failed.status == 65)
    #expect(failed.errors.contains(KeptRollup.name(of: bench.days[1])))
    // The rollup is still there for a run with its flags.
    #expect(try bench.expectRun(gives: plain).published.notices(.logGone) == [bench.days[1]])
  }

  @Test func anotherListOfCountriesIsRolledUpAgain() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    try bench.folder.write("FR\nDE\nUS\n", to: "codes")
    let flags = ["--countries", bench.folder.path(of: "codes"), "--max-bad-rows", "100%"]
    let expected = try bench.expected(flags)
    #expect(
      try bench.expectRun(flags, gives: expected).published.notices(.otherRules) == bench.days)
    // The same codes in another order give the same charts.
    try bench.folder.write("US\nDE\nFR\n", to: "codes")
    try bench.expectRun(flags, gives: expected)
  }

  /// An older or newer version of the program leaves a record in a different format.
  @Test(arguments: [101, RollupRecord.format + 1])
  func anotherFormatIsRolledUpAgain(_ format: Int) throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    try bench.rollUpAll()
    let day = bench.days[1]
    let (kept, found) = try #require(
      try KeptRollup.open(bench.rollup(of: day), day: day, deflate: Deflate(), pool: FilePool()))
    var record = try #require(found)
    record.format = format
    let other = try File.create(bench.folder.path(of: "other-format"))
    _ = try SpillFile.concatenate([kept.spill], into: other)
    try KeptRollup.finish(other, end: kept.spill.end, record) { _ in }
    try FileManager.default.removeItem(atPath: bench.rollup(of: day))
    try FileManager.default.moveItem(
      atPath: bench.folder.path(of: "other-format"), toPath: bench.rollup(of: day))
    let made = try bench.expectRun(gives: expected)
    #expect(made.published.run.notices == [RollupNotice(day: day, kind: .otherFormat)])
  }

  @Test func tooManyBadRowsAreFoundInKeptRollupsToo() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    #expect(try bench.expectFailure(["--max-bad-rows", "0.1%"]).status == 65)
    try bench.expectRun(gives: try bench.expected())
  }

  /// Errors escape the text of a rollup, because anybody may have written it.
  @Test func textOfARollupCannotActOnATerminal() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    let day = bench.days[1]
    let (kept, found) = try #require(
      try KeptRollup.open(bench.rollup(of: day), day: day, deflate: Deflate(), pool: FilePool()))
    let record = try #require(found)
    var logs: [RollupLogRecord] = []
    #expect(try kept.forEachLog(Deflate()) { logs.append($0) })
    let escape = "\u{1B}[2J"
    let reason = RejectReason.songID.name
    var input = logs[0].input
    input.accepted = 0
    input.rejected = 1 << 60
    input.rejectedByReason = [.init(name: reason, rows: 1 << 60)]
    var sample = try #require(record.samples.first)
    sample.reason = reason
    sample.text = escape + #"\x1b"#
    let lie = RollupRecord(
      day: day, partitions: record.partitions, rules: record.rules, logs: 1, accepted: 0,
      rejected: 1 << 60, segments: record.segments, samples: [sample],
      streamsByCountry: record.streamsByCountry)
    let altered = try File.create(bench.folder.path(of: "altered"))
    _ = try SpillFile.concatenate([kept.spill], into: altered)
    let log = RollupLogRecord(source: logs[0].source, input: input)
    try KeptRollup.finish(altered, end: kept.spill.end, lie) { body throws in
      try body(log)
    }
    try FileManager.default.removeItem(atPath: bench.rollup(of: day))
    try FileManager.default.moveItem(
      atPath: bench.folder.path(of: "altered"), toPath: bench.rollup(of: day))
    let made = try bench.run()
    #expect(made.status == 65)
    #expect(!made.errors.contains("\u{1B}"))
    #expect(made.errors.contains(#": \x1b[2J\x1b"#), "\(made.errors)")
  }

  @Test func aRunAfterRollupReadsNoLogs() throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    let first = try ChartmillProcess.run(
      "rollup", "--logs", bench.logs, "--state", bench.state, "--date", "\(bench.days[0])")
    #expect(first.status == 0)
    #expect(first.output.hasPrefix("1 day rolled up, 0 already up to date: "))
    let second = try ChartmillProcess.run(
      "rollup", "--logs", bench.logs, "--state", bench.state, "--days", "3")
    #expect(second.output.hasPrefix("2 days rolled up, 1 already up to date: "))
    let made = try bench.expectRun(gives: expected)
    #expect(made.published.run.keptDays == bench.days)
    #expect(made.published.run.spillBytes == 0)
    // The run opens and reads the same number of files as without logs.
    let counts = bench.folder.path(of: "counts")
    let count = FaultLibrary.Fault(action: .count(into: counts))
    var calls: [[Substring]] = []
    for isThere in [true, false] {
      if !isThere { for day in bench.days { try bench.removeLog(day) } }
      let child = try ChildProcess(
        FaultBench.binary, bench.arguments(out: bench.newOut()), environment: count.environment
      ).wait()
      #expect(child.status == 0, "\(child.errors)")
      calls.append(
        try bench.folder.read("counts").split(separator: "\n")
          .filter { $0.hasPrefix("open ") || $0.hasPrefix("read ") })
    }
    #expect(calls[0] == calls[1])
  }

  @Test func aSpillLimitEndsTheRun() throws {
    let bench = try StateBench()
    for command in [
      bench.arguments(["--spill-limit", "1KiB"]),
      bench.arguments(["--spill-limit", "1KiB"], state: false, out: bench.newOut()),
      ["rollup", "--logs", bench.logs, "--state", bench.state, "--spill-limit", "1KiB"],
    ] {
      let made = try ChartmillProcess.run(command)
      #expect(made.status == 74)
      #expect(made.errors.contains("--spill-limit 1KiB"))
    }
    #expect(try names(in: bench.state) == [])
    #expect(try names(in: bench.out) == [])
    try bench.expectRun(["--spill-limit", "1GiB"], gives: try bench.expected())
  }
}
