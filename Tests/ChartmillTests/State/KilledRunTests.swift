import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// SIGKILL at any moment: what is published is whole, and the next run gives the right charts.
@Suite(.serialized) struct KilledRunTests {
  private static let kills = 14

  /// How long an undisturbed run takes, in microseconds.
  private func duration(_ body: () throws -> Void) rethrows -> Int {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Int(DispatchTime.now().uptimeNanoseconds - start) / 1000
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
  func aRun(_ seed: UInt64) throws {
    let bench = try StateBench(days: 4, rows: 8000, users: 1000)
    let expected = try bench.expected()
    let arguments = bench.arguments()
    let whole = try duration { _ = try ChartmillProcess.run(arguments) }
    var rollups: [Day: Data] = [:]
    for day in bench.days {
      rollups[day] = try Data(contentsOf: URL(fileURLWithPath: bench.rollup(of: day)))
    }
    var numbers = SeededNumbers(seed: seed)
    var killed = 0
    for kill in 0..<Self.kills {
      // Some days kept, copied with their logs' times as they are.
      let kept = rollups.filter { _ in Bool.random(using: &numbers) && kill % 3 > 0 }
      try reset(bench, keeping: kept)
      // Now and then over charts that are there already.
      let hadCharts = kill % 4 == 3
      if hadCharts { #expect(try bench.run(state: false).status == 0) }
      let delay = Int.random(in: 1000...whole, using: &numbers)
      let label = "seed \(seed), kill \(kill) after \(delay) µs, \(kept.count) kept"
      let run = try RunningChartmill(arguments)
      usleep(UInt32(delay))
      run.send(SIGKILL)
      let ended = try run.finish()
      #expect([0, 128 + SIGKILL].contains(ended.status), "\(label): \(ended.errors)")
      if ended.status != 0 { killed += 1 }
      try expectWhole(bench, expected, hadCharts: hadCharts, label)

      let again = try bench.run()
      #expect(again.status == 0, "\(label): \(again.errors)")
      #expect(!again.errors.contains("damaged"), "\(label): \(again.errors)")
      #expect(try Published(bench.out) == expected, "\(label)")
      #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name), "\(label)")
      try bench.expectNothingStray(label)
    }
    #expect(killed >= Self.kills / 4)
  }

  /// What a reader finds after a kill: under a manifest, the charts it names; and no torn rollup.
  private func expectWhole(
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
  func aRollup(_ seed: UInt64) throws {
    let bench = try StateBench(days: 3, rows: 8000, users: 1000)
    let expected = try bench.expected()
    let arguments = [
      "rollup", "--logs", bench.logs, "--state", bench.state, "--days", "3", "--threads", "2",
      "--quiet",
    ]
    let whole = try duration { _ = try ChartmillProcess.run(arguments) }
    var numbers = SeededNumbers(seed: seed)
    for kill in 0..<Self.kills {
      try reset(bench, keeping: [:])
      let delay = Int.random(in: 1000...whole, using: &numbers)
      let label = "seed \(seed), kill \(kill) after \(delay) µs"
      let run = try RunningChartmill(arguments)
      usleep(UInt32(delay))
      run.send(SIGKILL)
      let ended = try run.finish()
      #expect([0, 128 + SIGKILL].contains(ended.status), "\(label): \(ended.errors)")
      try expectWhole(bench, expected, hadCharts: false, label)
      // Sometimes the rollup goes on, sometimes a run.
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

  /// Stopped by a signal that may be caught: it cleans up itself.
  @Test func aRunThatIsAskedToStop() throws {
    let bench = try StateBench(days: 3, rows: 60_000, users: 5000)
    let expected = try bench.expected()
    for delay in [30_000, 60_000, 90_000] as [UInt32] {
      try reset(bench, keeping: [:])
      let run = try RunningChartmill(bench.arguments(["--threads", "1"]))
      usleep(delay)
      run.send(SIGTERM)
      let ended = try run.finish()
      // Before its handler is in place the signal ends the process as ever.
      #expect([0, 143].contains(ended.status), "\(ended.errors)")
      try expectWhole(bench, expected, hadCharts: false, "\(delay)")
      try bench.expectNothingStray("SIGTERM after \(delay) µs")
    }
    try bench.expectRun(gives: expected)
  }
}
