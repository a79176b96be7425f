import Foundation
import Testing

/// Each system call of a run fails once, in turn. A run never ends with code 0 and a wrong chart.
@Suite(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
struct SystemCallTests {
  /// The errors that each call may fail with.
  private static let failures: [(call: String, errors: [Int32])] = [
    ("open", [EIO, ENOSPC, EMFILE, EACCES]), ("openat", [EIO, ENOSPC, EMFILE]), ("read", [EIO]),
    ("pread", [EIO]), ("write", [EIO, ENOSPC]), ("pwrite", [EIO, ENOSPC]),
    ("fsync", [EIO, ENOSPC]), ("close", [EIO]), ("renameat", [EIO, ENOSPC]),
    ("linkat", [EIO, ENOSPC, EMLINK]), ("unlinkat", [EIO]), ("ftruncate", [EIO]),
    ("mmap", [ENOMEM]), ("stat", [EIO]), ("fstat", [EIO]), ("fstatat", [EIO]), ("flock", [EIO]),
    ("thread", [EAGAIN]),
  ]

  /// If one of these calls fails, a run must not end with code 0, even if the charts look right.
  /// Other calls may fail without consequences, such as closing a file or reading /proc.
  private static let needed: Set<String> = [
    "write", "pwrite", "pread", "fsync", "renameat", "ftruncate", "flock", "mmap", "thread",
  ]

  /// The maximum number of calls of one kind that fail in turn. A seed decides which ones.
  private static let maxOfACall = runsSlowTests ? Int.max : 24

  @Test(arguments: [false, true])
  func everyCallSiteInTurn(keepsRollups: Bool) throws {
    let bench = try FaultBench(rows: 300, users: 60)
    if keepsRollups { try bench.keepRollups() }
    let counts = try bench.countCalls()
    var random = SeededGenerator(seed: 5)
    for (call, errors) in Self.failures {
      let count = counts[call] ?? 0
      for errno in errors {
        let sites = (1...max(count, 1)).shuffled(using: &random).prefix(Self.maxOfACall)
        for nth in sites where nth <= count {
          let fault = FaultLibrary.Fault(call: call, nth: nth, action: .error(errno))
          try bench.reset()
          let outcome = try bench.start(fault).wait()
          // A file that cannot be unlinked stays until the next run.
          try bench.expectAllOrNothing(
            outcome, codes: [66, 73, 74], mayLeave: call == "unlinkat", fault.description)
          if Self.needed.contains(call) {
            #expect(outcome.status != 0, "\(fault): no failure")
          }
          if errno == ENOSPC, outcome.status != 0 {
            #expect(outcome.status == 74, "\(fault): \(outcome.errors)")
            #expect(outcome.errors.contains("No space left"), "\(fault): \(outcome.errors)")
          }
        }
      }
    }
  }

  @Test func aCallOfOneOfTwoWorkersFails() throws {
    let bench = try FaultBench(rows: 300, users: 60, threads: 2, memory: "64MiB")
    let count = try #require(bench.countCalls()["any"])
    var random = SeededGenerator(seed: 6)
    for _ in 0..<(runsSlowTests ? 2000 : 100) {
      let fault = FaultLibrary.Fault(
        nth: .random(in: 1...count, using: &random),
        action: .error([EIO, ENOSPC, ENOMEM].randomElement(using: &random) ?? EIO))
      try bench.reset()
      let outcome = try bench.start(fault).wait()
      try bench.expectAllOrNothing(outcome, codes: [66, 73, 74], mayLeave: true, fault.description)
    }
  }

  /// Every second call of each kind is interrupted before it does anything.
  @Test func interruptedCallsAreMadeAgain() throws {
    for threads in [1, 2] {
      let bench = try FaultBench(rows: 3000, users: 300, threads: threads, memory: "64MiB")
      let outcome = try bench.start(.init(action: .interrupt)).wait()
      #expect(outcome.status == 0, "\(outcome.errors)")
      try bench.expectRecoveryIsNotNeeded("EINTR")
    }
  }

  @Test(arguments: 1...4)
  func shortReadsAndWritesAreContinued(_ seed: Int) throws {
    let bench = try FaultBench(rows: 3000, users: 300, threads: 1 + seed % 2, memory: "64MiB")
    let outcome = try bench.start(.init(action: .short(seed: seed))).wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    try bench.expectRecoveryIsNotNeeded("short \(seed)")
  }

  /// On a file system without O_TMPFILE, a spill file has a name only for a moment.
  @Test func spillsWithoutAnonymousFiles() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let opens = try #require(bench.countCalls()["open"])
    for nth in 1...opens {
      let fault = FaultLibrary.Fault(call: "open", nth: nth, action: .error(EOPNOTSUPP))
      try bench.reset()
      let outcome = try bench.start(fault).wait()
      try bench.expectAllOrNothing(outcome, codes: [66, 73, 74], fault.description)
    }
  }

  /// The log gets another byte while it is read. The run notices it at the end of the log.
  @Test(arguments: ["listen-20260703.log.gz", "listen-20260704.log"])
  func aLogThatGrowsWhileItIsRead(_ name: String) throws {
    for nth in 1...12 {
      let bench = try FaultBench(rows: 300, users: 60)
      let path = "\(bench.logs)/\(name)"
      let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
      let fault = FaultLibrary.Fault(call: "read", nth: nth, action: .append(to: path))
      let outcome = try bench.start(fault).wait()
      if try Data(contentsOf: URL(fileURLWithPath: path)).count == size { break }
      // A log that grew before it was opened or after its last byte was read gives right charts.
      guard outcome.status != 0 else { continue }
      #expect(outcome.status == 65, "\(fault)")
      #expect(outcome.errors.contains(path), "\(outcome.errors)")
      try bench.expectOld("\(fault)")
    }
    // A log that grows at its first read was already open, so at least this change must be found.
    let bench = try FaultBench(rows: 300, users: 60)
    var found = 0
    for nth in 1...12 {
      let path = "\(bench.logs)/\(name)"
      let fault = FaultLibrary.Fault(call: "read", nth: nth, action: .append(to: path))
      if try bench.start(fault).wait().errors.contains("changed") { found += 1 }
    }
    #expect(found >= 1)
  }
}

extension FaultBench {
  fileprivate func expectRecoveryIsNotNeeded(_ fault: String) throws {
    try expectNew(fault)
    let left = try strays()
    #expect(left == [], "\(fault)")
    let outcome = try verify()
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
