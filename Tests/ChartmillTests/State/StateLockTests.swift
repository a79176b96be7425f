import Foundation
import Testing

@testable import Chartmill

/// One run at a time has a state folder, and one an output folder.
@Suite(.serialized) struct StateLockTests {
  /// A run that was stopped while it has the lock of `folder`.
  private func stopped(_ bench: StateBench, _ arguments: [String], holding folder: String) throws
    -> RunningChartmill
  {
    let run = try RunningChartmill(arguments)
    let lock = "\(folder)/\(FolderLock.name)"
    // Until its process id is written: it has the lock then.
    for _ in 0..<20_000 where (try? Data(contentsOf: URL(fileURLWithPath: lock)))?.count ?? 0 == 0 {
      usleep(200)
    }
    run.send(SIGSTOP)
    try #require(run.isRunning)
    return run
  }

  @Test func theSecondRunOnAStateFailsOrWaits() throws {
    let bench = try StateBench(days: 3, rows: 150_000, users: 5000)
    let expected = try bench.expected()
    let first = try stopped(
      bench, bench.arguments(["--threads", "1"], out: bench.folder.path(of: "a")),
      holding: bench.state)

    for arguments in [
      bench.arguments(out: bench.folder.path(of: "b")),
      ["digest", "--logs", bench.logs, "--state", bench.state],
      ["state", "--state", bench.state],
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

    let waiting = try RunningChartmill(
      bench.arguments(["--wait"], out: bench.folder.path(of: "b")))
    let alsoWaiting = try RunningChartmill(["state", "--state", bench.state, "--wait"])
    usleep(400_000)
    #expect(waiting.isRunning)
    #expect(alsoWaiting.isRunning)
    first.send(SIGCONT)
    let (done, waited, listed) = try (first.finish(), waiting.finish(), alsoWaiting.finish())
    #expect(done.status == 0, "\(done.errors)")
    #expect(waited.status == 0, "\(waited.errors)")
    #expect(listed.status == 0, "\(listed.errors)")
    #expect(try Published(bench.folder.path(of: "a")) == expected)
    let second = try Published(bench.folder.path(of: "b"))
    #expect(second == expected)
    #expect(second.run.keptDays == bench.days)
    #expect(try names(in: bench.state) == bench.days.map(KeptDigest.name))
  }

  @Test func theSecondRunOnAnOutputFolderFailsOrWaits() throws {
    let bench = try StateBench(days: 3, rows: 150_000, users: 5000)
    let expected = try bench.expected()
    let first = try stopped(bench, bench.arguments(["--threads", "1"]), holding: bench.out)
    let second = try ChartmillProcess.run(bench.arguments(state: false))
    #expect(second.status == 75)
    #expect(second.errors.contains("process \(first.processID)"))
    let waiting = try RunningChartmill(bench.arguments(["--wait"], state: false))
    usleep(300_000)
    #expect(waiting.isRunning)
    first.send(SIGCONT)
    #expect(try first.finish().status == 0)
    #expect(try waiting.finish().status == 0)
    #expect(try Published(bench.out) == expected)
    try bench.expectNothingStray("after both")
  }

  @Test func aWaitingRunStopsWhenAsked() throws {
    let bench = try StateBench(days: 2, rows: 150_000, users: 5000)
    let first = try stopped(bench, bench.arguments(["--threads", "1"]), holding: bench.state)
    let waiting = try RunningChartmill(bench.arguments(["--wait"], out: bench.newOut()))
    usleep(300_000)
    waiting.send(SIGTERM)
    #expect(try waiting.finish().status == 143)
    // A killed run holds nobody up.
    first.send(SIGKILL)
    #expect(try first.finish().status == 128 + SIGKILL)
    try bench.expectRun(gives: try bench.expected())
    #expect(try names(in: bench.state) == bench.days.map(KeptDigest.name))
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
    var digested = 0
    for out in outs {
      let published = try Published(out)
      #expect(published == expected)
      digested += bench.days.count - published.run.keptDays.count
    }
    #expect(digested == bench.days.count)
  }
}
