import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel

/// Old rollups are dropped after the charts are published, and reported. Only complete rollups and
/// the clock decide which ones are old.
@Suite struct PruneTests {
  private func put(_ bytes: Data, for day: String, in bench: StateBench) throws {
    try bytes.write(to: URL(fileURLWithPath: "\(bench.state)/day-\(day).rollup.gz"))
  }

  /// Files that have the name of a later day's rollup but are not rollups.
  private enum Stray: String, CaseIterable {
    case empty
    case torn
    case otherDay
    case future
  }

  @Test(arguments: Stray.allCases.map(\.rawValue))
  func aFileThatIsNoRollupDoesNotDecideWhatIsOld(_ name: String) throws {
    let stray = try #require(Stray(rawValue: name))
    let bench = try StateBench(days: 3, rows: 100)
    try bench.rollUpAll()
    let sound = try Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: bench.days[2])))
    var day = "20260720"
    switch stray {
    case .empty: try put(Data(), for: day, in: bench)
    case .torn: try put(sound.prefix(sound.count / 2), for: day, in: bench)
    case .otherDay: try put(sound, for: day, in: bench)
    case .future:
      day = "20991231"
      let later = try StateBench(days: 1, rows: 100, last: day)
      try later.rollUpAll(["--date", day])
      try FileManager.default.copyItem(
        atPath: later.rollup(of: later.days[0]), toPath: "\(bench.state)/day-\(day).rollup.gz")
    }
    let pruned = try ChartmillProcess.run(
      "state", "--state", bench.state, "--prune", "--keep-days", "2")
    #expect(pruned.output.hasPrefix("deleted rollups of \(bench.days[0])\n"), "\(pruned.output)")
    #expect(
      try names(in: bench.state)
        == bench.days[1...].map(KeptRollup.name) + ["day-\(day).rollup.gz"])
  }

  /// Tomorrow is already today in another time zone. The day after tomorrow is not today anywhere.
  @Test func tomorrowCountsAndTheDayAfterDoesNot() throws {
    let bench = try StateBench(days: 3, rows: 100)
    try bench.rollUpAll()
    let state = try StateFolder(bench.state)
    #expect(try state.prune(keepDays: 1, waits: false, latest: bench.days[1]) == [bench.days[0]])
    #expect(try state.prune(keepDays: 1, waits: false, latest: bench.days[2]) == [bench.days[1]])
    #expect(try #require(Day.today()) > bench.days[0])
  }

  /// A run that fails drops nothing.
  @Test func aRunThatCannotPublishDropsNothing() throws {
    let bench = try StateBench(days: 3, rows: 100)
    try bench.rollUpAll()
    // A folder has the name of the manifest.
    try FileManager.default.createDirectory(
      atPath: "\(bench.out)/manifest_\(StateBench.last).json", withIntermediateDirectories: true)
    let made = try bench.run(["--days", "1", "--keep-days", "1"])
    #expect(made.status == 74, "\(made.errors)")
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  /// A rollup that cannot be removed is only a warning, because the charts are published.
  @Test func aRunThatCannotDropHasPublished() throws {
    let bench = try StateBench(days: 3, rows: 100)
    try bench.rollUpAll()
    try FileManager.default.removeItem(atPath: bench.rollup(of: bench.days[0]))
    // Even root cannot unlink a folder with the name of a rollup.
    try FileManager.default.createDirectory(
      atPath: bench.rollup(of: bench.days[0]), withIntermediateDirectories: false)
    let made = try bench.run(["--days", "1", "--keep-days", "1"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("rollups of older days were not deleted: "), "\(made.errors)")
    #expect(made.errors.contains(KeptRollup.name(of: bench.days[0])))
    #expect(try ChartmillProcess.run("verify", "--charts", bench.out).status == 0)
  }

  @Test func aRunSaysWhatItDropped() throws {
    let bench = try StateBench(days: 3, rows: 100)
    try bench.rollUpAll()
    let flags = bench.arguments(["--days", "1", "--keep-days", "1"]).filter { $0 != "--quiet" }
    let made = try ChartmillProcess.run(flags)
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      made.output.contains(
        "rollups of \(bench.days[0]), \(bench.days[1]), older than --keep-days"),
      "\(made.output)")
    #expect(try names(in: bench.state) == [KeptRollup.name(of: bench.days[2])])
  }
}
