import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillSystem

/// Only one run at a time writes to a state folder or an output folder.
@Suite(.serialized) struct StateLockTests {
  /// A run that holds the lock of the state folder for as long as `outLock` lives, because it waits
  /// for its output folder.
  private func runThatHoldsTheState(_ bench: StateBench, out: String) throws -> (
    run: ChildProcess, outLock: FolderLock
  ) {
    let outLock = try FolderLock(try Folder.openOrCreate(out, mode: 0o755))
    let run = try ChildProcess(chartmill: bench.arguments(["--wait"], out: out))
    let lock = URL(fileURLWithPath: "\(bench.state)/\(FolderLock.name)")
    // A run writes its process id once it has the lock.
    try #require(run.waits { (try? Data(contentsOf: lock))?.isEmpty == false })
    return (run, outLock)
  }

  /// The arguments of a run that waits for the lock, and reports that it waits.
  private func waitingArguments(_ bench: StateBench, out: String? = nil) -> [String] {
    bench.arguments(["--wait"], out: out).filter { $0 != "--quiet" }
  }

  @Test func theSecondRunOnAStateFailsOrWaits() throws {
    let bench = try StateBench()
    let expected = try bench.expected()
    var held: (run: ChildProcess, outLock: FolderLock)? =
      try runThatHoldsTheState(bench, out: bench.folder.path(of: "a"))
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
      #expect(second.errors.contains("process \(first.identifier)"), "\(second.errors)")
      #expect(second.errors.contains(bench.state))
    }
    #expect(try names(in: bench.folder.path(of: "b")) == [])
    // A command that only reads does not wait.
    let looked = try ChartmillProcess.run("state", "--state", bench.state)
    #expect(looked.status == 66, "\(looked.errors)")
    #expect(looked.errors.hasPrefix("chartmill: no rollups in"))

    let waiting = try ChildProcess(
      chartmill: waitingArguments(bench, out: bench.folder.path(of: "b")))
    let alsoWaiting = try ChildProcess(
      chartmill: ["state", "--state", bench.state, "--prune", "--wait"])
    #expect(waiting.waitsUntilItSaysThatItWaits())
    #expect(alsoWaiting.waitsUntilItSaysThatItWaits())
    withExtendedLifetime(held) {}
    held = nil
    let (done, waited, listed) = (first.wait(), waiting.wait(), alsoWaiting.wait())
    #expect(done.status == 0, "\(done.errors)")
    #expect(waited.status == 0, "\(waited.errors)")
    #expect(listed.errors.hasPrefix("chartmill: waiting for process "), "\(listed.errors)")
    #expect(listed.errors.contains(", which is using '\(bench.state)'\n"), "\(listed.errors)")
    // It may have got the lock before there was a rollup.
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
    let waiting = try ChildProcess(chartmill: waitingArguments(bench))
    #expect(waiting.waitsUntilItSaysThatItWaits())
    withExtendedLifetime(outLock) {}
    outLock = nil
    #expect(waiting.wait().status == 0)
    #expect(try Published(bench.out) == expected)
    try bench.expectNothingStray("after both")
  }

  @Test func aSignalStopsAWaitingRunAndAKilledRunLeavesNoLock() throws {
    let bench = try StateBench()
    let (first, outLock) = try runThatHoldsTheState(bench, out: bench.folder.path(of: "a"))
    try withExtendedLifetime(outLock) {
      let waiting = try ChildProcess(chartmill: waitingArguments(bench, out: bench.newOut()))
      try #require(waiting.waitsUntilItSaysThatItWaits())
      waiting.signal(SIGTERM)
      let stopped = waiting.wait()
      #expect(stopped.status == 143)
      #expect(stopped.errors.contains("stopped by SIGTERM"), "\(stopped.errors)")
      first.signal(SIGKILL)
      #expect(first.wait().status == 128 + SIGKILL)
    }
    try bench.expectRun(gives: try bench.expected())
    #expect(try names(in: bench.state) == bench.days.map(KeptRollup.name))
  }

  @Test func fiveRunsAtOnceTakeTurnsAndRollUpEachDayOnce() throws {
    let bench = try StateBench(rows: 20_000)
    let expected = try bench.expected()
    let outs = (0..<5).map { _ in bench.newOut() }
    let runs = try outs.map { try ChildProcess(chartmill: bench.arguments(["--wait"], out: $0)) }
    for run in runs {
      let done = run.wait()
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
