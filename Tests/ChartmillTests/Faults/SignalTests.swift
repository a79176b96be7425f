import Foundation
import Testing

/// Runs that are killed, or asked to stop, at seeded moments of every phase.
@Suite(.serialized) struct SignalTests {
  private static let moments = runsSlowTests ? 200 : 30

  /// A kill leaves the old outputs or the new ones, or a date without a manifest; the next run
  /// cleans up and gives the right bytes.
  private func expectWhole(_ bench: FaultBench, _ fault: String) throws {
    let now = try FaultBench.Outputs(folder: bench.out)
    if now.manifest == nil {
      // Between the old manifest and the new one each file is whole, old or new.
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

  /// Moments of time: a run takes some hundred milliseconds, most of them in rollup and chart.
  @Test(arguments: [false, true])
  func killedAtAnyTime(keepsRollups: Bool) throws {
    let bench = try FaultBench(rows: 100_000, users: 30_000, threads: 2, memory: "64MiB")
    if keepsRollups { try bench.keepRollups() }
    var random = SeededGenerator(seed: keepsRollups ? 17 : 7)
    let whole = try bench.start().wait()
    try #require(whole.status == 0, "\(whole.errors)")
    for _ in 0..<Self.moments / 2 {
      let seconds = Double.random(in: 0...whole.seconds * 1.05, using: &random)
      try bench.reset()
      let child = try bench.start()
      usleep(UInt32(seconds * 1e6))
      child.signal(SIGKILL)
      let status = child.wait().status
      #expect(status == 128 + SIGKILL || status == 0)
      try expectWhole(bench, "SIGKILL after \(seconds) s")
    }
  }

  /// Moments between two system calls: all of the publication, which takes too little time to be
  /// met by chance, and a sample of the rest.
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
      let fault = FaultLibrary.Fault(nth: nth, action: .signal(SIGKILL))
      let outcome = try bench.start(fault).wait()
      #expect(outcome.status == 128 + SIGKILL, "\(fault)")
      try expectWhole(bench, fault.description)
    }
  }

  /// A polite stop: at once, with nothing left behind.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func stopsWithinASecond(_ signal: Int32, _ code: Int32) throws {
    let bench = try FaultBench(rows: 100_000, users: 30_000, threads: 2, memory: "64MiB")
    var random = SeededGenerator(seed: UInt64(signal))
    let whole = try bench.start().wait()
    var stopped = 0
    for _ in 0..<(runsSlowTests ? 100 : 12) {
      // In the first milliseconds it does not listen yet, and ends as any program does.
      let seconds = Double.random(in: 0.02...max(0.03, whole.seconds), using: &random)
      try bench.reset()
      let child = try bench.start()
      usleep(UInt32(seconds * 1e6))
      let asked = ContinuousClock.now
      child.signal(signal)
      let outcome = child.wait()
      #expect(ContinuousClock.now - asked < .seconds(1))
      if outcome.status == code {
        if outcome.errors.isEmpty, seconds < 0.1 {
          // It did not listen yet.
        } else {
          stopped += 1
          #expect(outcome.errors.contains(signal == SIGINT ? "SIGINT" : "SIGTERM"))
        }
        try bench.expectOld("signal \(signal) after \(seconds) s")
      } else {
        #expect(outcome.status == 0)
        try bench.expectNew("signal \(signal) after \(seconds) s")
      }
      let left = try bench.strays()
      #expect(left == [], "signal \(signal) after \(seconds) s")
    }
    #expect(stopped > 3)
  }

  /// A stop before any system call of a run: old outputs and 143, or, once it is too late, the new
  /// ones.
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

  /// Two runs at once in one folder: one of them says so and goes.
  @Test func twoRunsInOneFolder() throws {
    let bench = try FaultBench(rows: 50_000, users: 5_000)
    let first = try bench.start()
    let second = try bench.start()
    let codes = [first.wait().status, second.wait().status].sorted()
    // The second may begin when the first is through.
    #expect(codes == [0, 75] || codes == [0, 0])
    try bench.expectRecovery("two runs")
  }
}
