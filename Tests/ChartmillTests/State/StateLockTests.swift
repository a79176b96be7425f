import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillSystem

/// One run at a time has a state folder, and one an output folder.
@Suite(.serialized) struct StateLockTests {
  /// A run that holds the lock of the state folder for as long as `outLock` lives: it waits for its
  /// output folder meanwhile.
  private func blocked(_ bench: StateBench, out: String) throws -> (
    run: RunningChartmill, outLock: FolderLock
  ) {
    let outLock = try FolderLock(try Folder.openOrCreate(out, mode: 0o755))
    let run = try RunningChartmill(bench.arguments(["--wait"], out: out))
    let lock = "\(bench.state)/\(FolderLock.name)"
    // Until its process id is written: it has the lock then.
    for _ in 0..<60_000 where (try? Data(contentsOf: URL(fileURLWithPath: lock)))?.count ?? 0 == 0 {
      usleep(1000)
    }
    try #require(run.isRunning)
    return (run, outLock)
  }

  @Test func theSecondRunOnAStateFailsOrWaits() throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    var held: (run: RunningChartmill, outLock: FolderLock)? =
      try blocked(bench, out: bench.folder.path(of: "a"))
    let first = try #require(held?.run)

    for arguments in [
      bench.arguments(out: bench.folder.path(of: "b")),
      ["rollup", "--logs", bench.logs, "--state", bench.state],
      ["state", "--state", bench.state, "--prune"],
      [
        "backfill", "--logs", bench.logs, "--state", bench.state, "--out",
        bench.folder.path(of: "b"), "--from", StateBench.last, "--to", StateBench.last,
      ],
    ] {
      let second = try ChartmillProcess.run(arguments)
      #expect(second.status == 75, "\(arguments[0]): \(second.errors)")
      #expect(second.errors.contains("process \(first.processID)"), "\(second.errors)")
      #expect(second.errors.contains(bench.state))
    }
    #expect(try names(in: bench.folder.path(of: "b")) == [])
    // Who only looks is not held up.
    let looked = try ChartmillProcess.run("state", "--state", bench.state)
    #expect(looked.status == 66, "\(looked.errors)")
    #expect(looked.errors.hasPrefix("chartmill: no rollups in"))

    let waiting = try RunningChartmill(
      bench.arguments(["--wait"], out: bench.folder.path(of: "b")))
    let alsoWaiting = try RunningChartmill(
      ["state", "--state", bench.state, "--prune", "--wait"])
    usleep(400_000)
    #expect(waiting.isRunning)
    #expect(alsoWaiting.isRunning)
    withExtendedLifetime(held) {}
    held = nil
    let (done, waited, listed) = try (first.finish(), waiting.finish(), alsoWaiting.finish())
    #expect(done.status == 0, "\(done.errors)")
    #expect(waited.status == 0, "\(waited.errors)")
    #expect(listed.errors.hasPrefix("chartmill: waiting for process "), "\(listed.errors)")
    #expect(listed.errors.contains(", which is using '\(bench.state)'\n"), "\(listed.errors)")
    // It may have had its turn before the first rollup was there.
    #expect([0, 66].contains(listed.status), "\(listed.errors)")
    #expect(try Published(bench.folder.path(of: "a")) == expected)
    let second = try Published(bench.folder.path(of: "b"))
    #expect(second == expected)
    #expect(second.run.keptDays == bench.days)
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  @Test func theSecondRunOnAnOutputFolderFailsOrWaits() throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    var outLock: FolderLock? = try FolderLock(try Folder.openOrCreate(bench.out, mode: 0o755))
    for state in [true, false] {
      let second = try bench.run(state: state)
      #expect(second.status == 75)
      #expect(
        second.errors.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
    }
    let waiting = try RunningChartmill(bench.arguments(["--wait"]))
    usleep(400_000)
    #expect(waiting.isRunning)
    withExtendedLifetime(outLock) {}
    outLock = nil
    #expect(try waiting.finish().status == 0)
    #expect(try Published(bench.out) == expected)
    try bench.expectNothingStray("after both")
  }

  @Test func aWaitingRunStopsWhenAskedAndAKilledOneHoldsNobodyUp() throws {
    let bench = try StateBench()
    let (first, outLock) = try blocked(bench, out: bench.folder.path(of: "a"))
    try withExtendedLifetime(outLock) {
      let waiting = try RunningChartmill(bench.arguments(["--wait"], out: bench.newOut()))
      // Time to put its signal handler in place.
      usleep(1_000_000)
      waiting.send(SIGTERM)
      #expect(try waiting.finish().status == 143)
      first.send(SIGKILL)
      #expect(try first.finish().status == 128 + SIGKILL)
    }
    try bench.expectRun(gives: try bench.expected())
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  /// Five at once, all waiting their turn.
  @Test func manyRunsAtOnce() throws {
    let bench = try StateBench(rows: 20_000)
    let expected = try bench.expected()
    let outs = (0..<5).map { _ in bench.newOut() }
    let runs = try outs.map { try RunningChartmill(bench.arguments(["--wait"], out: $0)) }
    for run in runs {
      let done = try run.finish()
      #expect(done.status == 0, "\(done.errors)")
    }
    var rolledUp = 0
    for out in outs {
      let published = try Published(out)
      #expect(published == expected)
      rolledUp += bench.days.count - published.run.keptDays.count
    }
    #expect(rolledUp == bench.days.count)
  }
}
