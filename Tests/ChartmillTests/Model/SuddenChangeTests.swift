import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel

@Suite struct SuddenChangeTests {
  private static let last = Day(daysSinceEpoch: 20_000)

  /// The counts of the day `back` days before the last.
  private func record(
    _ back: Int, rows: Int = 10_000, bad: Int = 10, countries: [String: Int] = [:]
  ) -> DayCounts {
    DayCounts(
      day: Self.last.advanced(by: -back), accepted: rows, rejected: bad,
      streamsByCountry: countries)
  }

  /// The changes on a last day after `others`. By default, these are equal days.
  private func changes(_ last: DayCounts, after others: [DayCounts]) -> [SuddenChange] {
    SuddenChange.changes(on: Self.last, others + [last])
  }

  private func kinds(_ last: DayCounts, after others: [DayCounts]) -> [SuddenChange.Kind] {
    changes(last, after: others).map(\.kind)
  }

  @Test func halfTheRowsOrFewer() {
    let others = (1...6).map { record($0) }
    #expect(kinds(record(0, rows: 5001), after: others) == [])
    #expect(
      changes(record(0, rows: 5000), after: others) == [
        SuddenChange(
          day: Self.last, kind: .fewerRows, country: nil, usual: 10_000, found: 5000)
      ])
    #expect(kinds(record(0, rows: 0), after: others) == [.fewerRows])
    // Few rows may fall by half without a warning.
    #expect(kinds(record(0, rows: 0), after: (1...6).map { record($0, rows: 999) }) == [])
  }

  @Test func twiceTheRowsOrMore() {
    let others = (1...6).map { record($0) }
    #expect(kinds(record(0, rows: 19_999), after: others) == [])
    #expect(
      changes(record(0, rows: 20_000), after: others) == [
        SuddenChange(
          day: Self.last, kind: .moreRows, country: nil, usual: 10_000, found: 20_000)
      ])
    #expect(kinds(record(0, rows: 90_000), after: (1...6).map { record($0, rows: 999) }) == [])
  }

  /// At most four weeks are compared, however long the window is.
  @Test func onlyTheLastFourWeeks() {
    let recent = (1...28).map { record($0) }
    let longAgo = (29...90).map { record($0, rows: 100_000) }
    #expect(kinds(record(0), after: recent + longAgo) == [])
    #expect(kinds(record(0, rows: 0), after: longAgo) == [])
  }

  /// Numbers of any size in a kept rollup can be compared.
  @Test func hugeCountsDoNotTrap() {
    let others = (1...6).map { record($0, rows: .max, bad: .max, countries: ["FR": .max]) }
    #expect(kinds(record(0, rows: .max, bad: .max), after: others) == [.countryGone])
    #expect(
      kinds(record(0, rows: .max, bad: .max), after: (1...6).map { record($0) }) == [
        .moreRows, .moreBadRows,
      ])
  }

  /// One unusual day among the others does not change the usual value.
  @Test func daysAreComparedWithTheMedian() {
    var others = (1...6).map { record($0) }
    others[2] = record(3, rows: 10)
    others[3] = record(4, rows: 900_000, bad: 500_000)
    #expect(changes(record(0, rows: 4000), after: others).map(\.usual) == [10_000])
    #expect(kinds(record(0, rows: 9000, bad: 99), after: others) == [])
    #expect(kinds(record(0, rows: 9000, bad: 100), after: others) == [.moreBadRows])
  }

  @Test func tenTimesTheBadRowsOrMore() {
    let others = (1...3).map { record($0, bad: 40) }
    #expect(kinds(record(0, bad: 399), after: others) == [])
    #expect(
      changes(record(0, bad: 400), after: others) == [
        SuddenChange(day: Self.last, kind: .moreBadRows, country: nil, usual: 40, found: 400)
      ])
    // After days without bad rows, a few bad rows are not a change.
    let none = (1...3).map { record($0, bad: 0) }
    #expect(kinds(record(0, bad: 99), after: none) == [])
    #expect(kinds(record(0, bad: 100), after: none) == [.moreBadRows])
  }

  @Test func aCountryWithoutStreams() {
    let others = [
      record(1, countries: ["FR": 900, "DE": 200, "LU": 199, "MC": 5000]),
      record(2, countries: ["FR": 800, "DE": 900, "LU": 5000]),
      record(3, countries: ["FR": 700, "DE": 300, "LU": 5000, "MC": 5000]),
    ]
    // Earlier, Luxembourg had a day with few streams, and Monaco had a day without streams.
    #expect(
      changes(record(0, countries: ["XX": 1]), after: others) == [
        SuddenChange(day: Self.last, kind: .countryGone, country: "DE", usual: 300, found: 0),
        SuddenChange(day: Self.last, kind: .countryGone, country: "FR", usual: 800, found: 0),
      ])
    // A day without any rows has one cause, so it is one change.
    #expect(kinds(record(0, rows: 0), after: others) == [.fewerRows])
    // A country with one stream is not missing.
    #expect(kinds(record(0, countries: ["FR": 1, "DE": 1]), after: others) == [])
  }

  @Test func tooFewDaysGiveNoChanges() {
    let last = record(0, rows: 0, bad: 100_000)
    #expect(kinds(last, after: (1...2).map { record($0) }) == [])
    #expect(kinds(last, after: (1...3).map { record($0) }) == [.fewerRows, .moreBadRows])
    // The last day of the window has no log.
    #expect(SuddenChange.changes(on: Self.last, (1...6).map { record($0) }) == [])
    #expect(SuddenChange.changes(on: Self.last, []) == [])
  }

  // MARK: The real program

  /// A change is a warning and is in the manifest, with kept rollups and without. The run succeeds.
  @Test func aRunWarnsOfASuddenChange() throws {
    let bench = try StateBench(days: 5, rows: 4000)
    let quiet = try bench.expectRun(gives: try bench.expected())
    #expect(quiet.published.run.changes == [])
    #expect(!quiet.errors.contains("warning"))

    let last = bench.days[4]
    try bench.replaceLog(last, seed: 3, rows: 1500)
    try Tool.run("gunzip", bench.log(last))
    let text = String(bench.log(last).dropLast(3))
    try FileManager.default.moveItem(atPath: text, toPath: bench.folder.path(of: "rows"))
    try Tool.run(
      "sh", "-c",
      "(cat '\(bench.folder.path(of: "rows"))'; seq 2000) | grep -v '|IN$' > '\(text)'")
    let expected = try bench.expected(["--max-bad-rows", "90%"])
    let made = try bench.expectRun(["--max-bad-rows", "90%"], gives: expected)
    let changes = made.published.run.changes
    // The other log has other users, so a second country may be missing.
    #expect(changes.prefix(3).map(\.kind) == [.fewerRows, .moreBadRows, .countryGone])
    #expect(changes.prefix(3).map(\.country) == [nil, nil, "IN"])
    #expect(changes.allSatisfy { $0.day == last })
    #expect(expected.run.changes == changes)
    let lines = made.errors.split(separator: "\n").map(String.init)
    #expect(lines.count == 4, "\(made.errors)")
    let warning = "chartmill: warning: \(last): "
    #expect(
      lines[1].hasPrefix(warning + "only 1,")
        && lines[1].contains(" rows; the median of the previous days is 3,"))
    #expect(
      lines[2].hasPrefix(warning + "2,0")
        && lines[2].contains(" bad rows; the median of the previous days is "))
    #expect(lines[3].hasPrefix(warning + "no streams from IN (usually "), "\(made.errors)")
    #expect(lines[3].hasSuffix(" per day)"))
    // The rollup is kept now, and the run still warns.
    #expect(
      try bench.expectRun(["--max-bad-rows", "90%"], gives: expected).published.run.changes
        == changes)
  }

  /// The streams of each country are counted while segments are written, with outliers among them.
  @Test(arguments: [["--threads", "1"], ["--threads", "3", "--partitions", "16"]])
  func aRecordCountsTheStreamsOfEachCountry(_ flags: [String]) throws {
    let book = try LogBook()
    var text = RandomLogs.text(seed: 4, rows: 1_200_000, users: 40_000, songs: 3_000_000)
    for id in 0..<500 { text += "\(Int64.max - Int64(id))|\(Int64.max / 3)|JP\n1|2|xx\n".utf8 }
    try book.add(text)
    let state = try TemporaryFolder()
    let made = try ChartmillProcess.run(
      ["rollup", "--logs", book.path, "--state", state.path, "--memory", "32MiB"] + flags)
    try #require(made.status == 0, "\(made.errors)")
    let day = try #require(Day(yyyymmdd: LogBook.lastDay))
    let kept = try #require(try RollupStore(folder: state.path, waits: false).open(day))
    let record = try #require(kept.record)
    var expected: [String: Int] = [:]
    for row in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      if !row.hasSuffix("xx") { expected[String(row.suffix(2)), default: 0] += 1 }
    }
    #expect(record.streamsByCountry == expected)
    #expect(record.accepted == 1_200_500 && record.rejected == 500)
  }
}
