import Foundation
import Testing

@testable import ChartmillCore

/// Windows of many days need bounded memory and few open files.
@Suite(.serialized) struct LongWindowTests {
  @Test func aMonthWithin32MiB() throws {
    let bench = try StateBench(days: 30, rows: 5000, users: 2000)
    let expected = try bench.expected()
    let small = ["--memory", "32MiB"]
    for kept in [0, 30] {
      let made = try bench.expectRun(small, gives: expected)
      #expect(made.published.run.keptDays.count == kept)
      #expect(made.published.run.peakResident <= 32 << 20)
    }
    // In the next day's run, one log is new, and one day has left the window.
    let next = try #require(bench.days.last).advanced(by: 1)
    try bench.replaceLog(next, seed: 4, rows: 5000, users: 2000)
    let made = try bench.expectRun(small, gives: try bench.expected())
    #expect(made.published.facts.date == next)
    #expect(made.published.run.keptDays == Array(bench.days[1...]))
    #expect(made.published.run.peakResident <= 32 << 20)
  }

  @Test func aYearWithAThousandOpenFiles() throws {
    let bench = try StateBench(days: 365, rows: 40, users: 60)
    // With so few rows, some days have more than 5% bad rows.
    let share = ["--max-bad-rows", "50%"]
    let expected = try bench.expected(share)
    for kept in [0, 365] {
      let out = bench.newOut()
      let made = try run(
        bench.arguments(["--memory", "32MiB"] + share, out: out), openFiles: 1024)
      #expect(made == 0)
      let published = try Published(out)
      #expect(published == expected)
      #expect(published.run.keptDays.count == kept)
      #expect(published.run.peakResident <= 32 << 20)
    }
    #expect(try ChartmillProcess.run("state", "--state", bench.state, "--check").status == 0)
  }

  /// Runs the program with a limit of open files, and returns its exit code.
  private func run(_ arguments: [String], openFiles: Int) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "ulimit -n \(openFiles) && exec \"$0\" \"$@\"", ChartmillProcess.binary.path]
      + arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
