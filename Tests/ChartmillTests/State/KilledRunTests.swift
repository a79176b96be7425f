import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// After SIGKILL at any moment, published charts are complete, and the next run gives the right
/// charts.
@Suite(.serialized) struct KilledRunTests {
  private static let kills = 14

  /// Kills a command at a random moment of the `seconds` that it takes. If it ends before the kill,
  /// `seconds` becomes the time that it took, so that later kills come in time on any machine.
  private func runAndKill(
    _ arguments: [String], within seconds: inout Double, _ numbers: inout SeededGenerator
  ) throws -> (outcome: ChildProcess.Outcome, delay: Double) {
    let delay = Double.random(in: min(0.001, seconds / 2)...seconds, using: &numbers)
    let run = try ChildProcess(chartmill: arguments)
    _ = run.waits { run.elapsed >= delay }
    run.signal(SIGKILL)
    let outcome = run.wait()
    if outcome.status == 0 { seconds = min(seconds, outcome.seconds) }
    return (outcome, delay)
  }

  private func reset(_ bench: StateBench, keeping kept: [Day: Data]) throws {
    try? FileManager.default.removeItem(atPath: bench.state)
    try? FileManager.default.removeItem(atPath: bench.out)
    if kept.isEmpty { return }
    try FileManager.default.createDirectory(
      atPath: bench.state, withIntermediateDirectories: false)
    for (day, bytes) in kept { try bytes.write(to: URL(fileURLWithPath: bench.rollup(of: day))) }
  }

  @Test(arguments: 1...4)
  func aKilledRun(_ seed: UInt64) throws {
    let bench = try StateBench(days: 4, rows: 8000, users: 1000)
    let expected = try bench.expected()
    let arguments = bench.arguments()
    let seconds = try ChildProcess(chartmill: arguments).wait().seconds
    // The seconds that a run takes, by the number of days whose rollups are kept.
    var secondsOfRun: [Int: Double] = [:]
    var rollups: [Day: Data] = [:]
    for day in bench.days {
      rollups[day] = try Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: day)))
    }
    var numbers = SeededGenerator(seed: seed)
    var killed = 0
    for kill in 0..<Self.kills {
      // Keeps the rollups of some days. They still match their logs.
      let kept = rollups.filter { _ in Bool.random(using: &numbers) && kill % 3 > 0 }
      try reset(bench, keeping: kept)
      // Every fourth run replaces charts.
      let hadCharts = kill % 4 == 3
      if hadCharts { #expect(try bench.run(state: false).status == 0) }
      let (ended, delay) = try runAndKill(
        arguments, within: &secondsOfRun[kept.count, default: seconds], &numbers)
      let label = "seed \(seed), kill \(kill) after \(delay) s, \(kept.count) kept"
      #expect([0, 128 + SIGKILL].contains(ended.status), "\(label): \(ended.errors)")
      if ended.status != 0 { killed += 1 }
      try expectComplete(bench, expected, hadCharts: hadCharts, label)

      let again = try bench.run()
      #expect(again.status == 0, "\(label): \(again.errors)")
      #expect(!again.errors.contains("damaged"), "\(label): \(again.errors)")
      #expect(try Published(bench.out) == expected, "\(label)")
      #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name), "\(label)")
      try bench.expectNothingStray(label)
    }
    #expect(killed >= Self.kills / 4)
  }

  /// Checks what a reader finds after a kill: if there is a manifest, the charts that it names
  /// exist, and every rollup is complete.
  private func expectComplete(
    _ bench: StateBench, _ expected: Published, hadCharts: Bool, _ label: String
  ) throws {
    let published = try names(in: bench.out).filter { !$0.hasPrefix(".") }
    if published.contains("manifest_\(StateBench.last).json") {
      for (name, bytes) in expected.files {
        #expect(
          try Data(contentsOf: URL(fileURLWithPath: "\(bench.out)/\(name)")) == bytes, "\(label)")
      }
    }
    for name in try names(in: bench.state) {
      guard let day = KeptRollup.day(ofName: name) else { continue }
      let found = try KeptRollup.open(
        "\(bench.state)/\(name)", day: day, deflate: Deflate(), pool: FilePool())
      #expect(found?.record != nil, "\(label): \(name)")
    }
  }

  @Test(arguments: 11...13)
  func aKilledRollup(_ seed: UInt64) throws {
    let bench = try StateBench(days: 3, rows: 8000, users: 1000)
    let expected = try bench.expected()
    let arguments = [
      "rollup", "--logs", bench.logs, "--state", bench.state, "--days", "3", "--threads", "2",
      "--quiet",
    ]
    var seconds = try ChildProcess(chartmill: arguments).wait().seconds
    var numbers = SeededGenerator(seed: seed)
    for kill in 0..<Self.kills {
      try reset(bench, keeping: [:])
      let (ended, delay) = try runAndKill(arguments, within: &seconds, &numbers)
      let label = "seed \(seed), kill \(kill) after \(delay) s"
      #expect([0, 128 + SIGKILL].contains(ended.status), "\(label): \(ended.errors)")
      try expectComplete(bench, expected, hadCharts: false, label)
      // Every second time, `rollup` runs first.
      if kill % 2 == 0 {
        let again = try ChartmillProcess.run(arguments)
        #expect(again.status == 0 && again.errors == "", "\(label): \(again.errors)")
        #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name), "\(label)")
      }
      let made = try bench.run()
      #expect(made.status == 0 && made.errors == "", "\(label): \(made.errors)")
      #expect(try Published(bench.out) == expected, "\(label)")
      #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name), "\(label)")
      try bench.expectNothingStray(label)
    }
  }

  /// A run that SIGTERM stops removes its temporary files itself, whenever the signal arrives.
  @Test func aStoppedRunLeavesNothingBehind() throws {
    let bench = try StateBench(days: 3, rows: 60_000, users: 5000)
    let expected = try bench.expected()
    for moment in ["handler in place", "first rollup kept", "outputs staged"] {
      try reset(bench, keeping: [:])
      let run = try ChildProcess(chartmill: bench.arguments(["--threads", "1"]))
      try #require(run.waits(untilItCatches: SIGTERM))
      _ = try run.waits {
        switch moment {
        case "first rollup kept": try names(in: bench.state).contains { $0.hasPrefix("day-") }
        case "outputs staged":
          try names(in: bench.out).contains { $0.hasPrefix(".chartmill-user_top50") }
        default: true
        }
      }
      run.signal(SIGTERM)
      let ended = run.wait()
      // A run that has begun to publish finishes.
      #expect(
        (moment == "handler in place" ? [143] : [0, 143]).contains(ended.status), "\(ended.errors)")
      try expectComplete(bench, expected, hadCharts: false, moment)
      try bench.expectNothingStray("SIGTERM, \(moment)")
    }
    try bench.expectRun(gives: expected)
  }
}
