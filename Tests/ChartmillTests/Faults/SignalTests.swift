import Foundation
import Testing

/// Runs that a signal kills or stops, at seeded moments of every phase.
@Suite(.serialized) struct SignalTests {
  private static let moments = runsSlowTests ? 200 : 30

  /// Checks that a kill left the old outputs, the new ones, or a date without a manifest, and that
  /// the next run cleans up and gives the right bytes.
  private func expectComplete(_ bench: FaultBench, _ fault: String) throws {
    let now = try FaultBench.Outputs(folder: bench.out)
    if now.manifest == nil {
      // Between the old manifest and the new one, each file is either the old or the new one.
      for (name, data) in now.files {
        #expect(
          data == bench.old.files[name] || data == bench.new.files[name],
          "\(fault): \(name) is neither old nor new")
      }
    } else {
      #expect(now == bench.old || now == bench.new, "\(fault): a mixture under a manifest")
      let verify = try bench.verify()
      #expect(verify.status == 0, "\(fault): \(verify.errors)")
    }
    try bench.expectRecovery(fault)
  }

  /// A run takes a few hundred milliseconds, mostly for rolling up and charting.
  @Test(arguments: [false, true])
  func killedAtAnyTime(keepsRollups: Bool) throws {
    let bench = try FaultBench(rows: 100_000, users: 30_000, threads: 2, memory: "64MiB")
    if keepsRollups { try bench.keepRollups() }
    var random = SeededGenerator(seed: keepsRollups ? 17 : 7)
    let undisturbed = try bench.start().wait()
    try #require(undisturbed.status == 0, "\(undisturbed.errors)")
    for _ in 0..<Self.moments / 2 {
      let seconds = Double.random(in: 0...undisturbed.seconds * 1.05, using: &random)
      try bench.reset()
      let child = try bench.start()
      _ = child.waits { child.elapsed >= seconds }
      child.signal(SIGKILL)
      let status = child.wait().status
      #expect(status == 128 + SIGKILL || status == 0)
      try expectComplete(bench, "SIGKILL after \(seconds) s")
    }
  }

  /// Kills the run before each system call of the publication, and before a sample of the other
  /// calls. The publication is too short to be hit by a kill at a random moment.
  @Test(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
  func killedBetweenAnyTwoCalls() throws {
    for keepsRollups in [false, true] { try killBetweenCalls(keepsRollups) }
  }

  private func killBetweenCalls(_ keepsRollups: Bool) throws {
    let bench = try FaultBench(rows: 300, users: 60)
    if keepsRollups { try bench.keepRollups() }
    let count = try #require(bench.countCalls()["any"])
    let last = 60
    var random = SeededGenerator(seed: keepsRollups ? 18 : 8)
    let rest = (1...max(1, count - last)).shuffled(using: &random).prefix(Self.moments)
    for nth in Array(max(1, count - last + 1)...count) + rest {
      try bench.reset()
      let fault = FaultLibrary.Fault(
        nth: nth, action: .signal(SIGKILL), countsFile: bench.countsFile)
      let outcome = try bench.start(fault).wait()
      if outcome.status == 0 {
        // ISA-L does not compress the same bytes equally in every process, so runs do not always
        // make the same number of reads, and a run may end before the last calls.
        let calls = try #require(bench.countedCalls()["any"])
        #expect(calls < nth && nth > count - last, "\(fault)")
      } else {
        #expect(outcome.status == 128 + SIGKILL, "\(fault)")
      }
      try expectComplete(bench, fault.description)
    }
  }

  /// A signal that can be caught stops a run at once, and no file is left behind.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func stopsWithinASecond(_ signal: Int32, _ code: Int32) throws {
    let bench = try FaultBench(rows: 100_000, users: 30_000, threads: 2, memory: "64MiB")
    var random = SeededGenerator(seed: UInt64(signal))
    var longest = try bench.start().wait().seconds
    var stopped = 0
    for _ in 0..<(runsSlowTests ? 100 : 12) {
      let seconds = Double.random(in: 0...longest, using: &random)
      try bench.reset()
      let child = try bench.start()
      _ = child.waits { child.elapsed >= seconds }
      // Until the handler is installed, the signal kills the run like any other program.
      let hasHandler = ChildProcess.catches(signal, child.identifier)
      let asked = ContinuousClock.now
      child.signal(signal)
      let outcome = child.wait()
      #expect(ContinuousClock.now - asked < .seconds(1))
      if outcome.status == code {
        if hasHandler || !outcome.errors.isEmpty {
          stopped += 1
          #expect(outcome.errors.contains(signal == SIGINT ? "SIGINT" : "SIGTERM"))
        }
        try bench.expectOld("signal \(signal) after \(seconds) s")
      } else {
        #expect(outcome.status == 0)
        longest = min(longest, outcome.seconds)
        try bench.expectNew("signal \(signal) after \(seconds) s")
      }
      let left = try bench.strays()
      #expect(left == [], "signal \(signal) after \(seconds) s")
    }
    #expect(stopped > 3)
  }

  /// A stop before any system call of a run gives code 143 and the old outputs. Once the run
  /// renames its outputs, it gives code 0 and the new ones.
  @Test(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
  func stopsBeforeAnyCall() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let count = try #require(bench.countCalls()["any"])
    var random = SeededGenerator(seed: 9)
    for nth in (1...count).shuffled(using: &random).prefix(runsSlowTests ? .max : 100) {
      try bench.reset()
      let fault = FaultLibrary.Fault(nth: nth, action: .signal(SIGTERM))
      let outcome = try bench.start(fault).wait()
      #expect([0, 143].contains(outcome.status), "\(fault): \(outcome.errors)")
      if outcome.status == 0 {
        try bench.expectNew("\(fault)")
      } else {
        try bench.expectOld("\(fault)")
      }
      let left = try bench.strays()
      #expect(left == [], "\(fault)")
    }
  }

  /// While a run writes to a folder, a second run in that folder ends with code 75.
  @Test func twoRunsInOneFolder() throws {
    let bench = try FaultBench(rows: 50_000, users: 5_000)
    let first = try bench.start()
    let second = try bench.start()
    let codes = [first.wait().status, second.wait().status].sorted()
    // Both succeed if the first ends before the second begins.
    #expect(codes == [0, 75] || codes == [0, 0])
    try bench.expectRecovery("two runs")
  }
}
