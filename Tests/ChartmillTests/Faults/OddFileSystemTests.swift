import Foundation
import Testing

/// On file systems that lack a feature, a run continues and warns once that the feature is missing.
@Suite(.serialized, .enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
struct OddFileSystemTests {
  private func warnings(_ outcome: ChildProcess.Outcome) -> [Substring] {
    outcome.errors.split(separator: "\n").filter { $0.contains("warning: ") }
  }

  private func expectOneWarning(
    _ fault: FaultLibrary.Fault, _ message: String, keepsRollups: Bool
  ) throws {
    let bench = try FaultBench(rows: 300, users: 60)
    if keepsRollups { try bench.keepRollups() }
    bench.flags += ["--quiet"]
    let outcome = try bench.start(fault).wait()
    #expect(outcome.status == 0, "\(fault): \(outcome.errors)")
    try bench.expectNew("\(fault)")
    #expect(try bench.strays() == [], "\(fault)")
    #expect(warnings(outcome).count == 1, "\(fault): \(outcome.errors)")
    #expect(outcome.errors.contains(message), "\(fault): \(outcome.errors)")
  }

  @Test(arguments: [EINVAL, EOPNOTSUPP, ENOSYS], [false, true])
  func worksWithoutFsync(_ errno: Int32, keepsRollups: Bool) throws {
    try expectOneWarning(
      .init(call: "fsync", action: .error(errno)), "does not support fsync",
      keepsRollups: keepsRollups)
  }

  @Test(arguments: [ENOLCK, ENOSYS, EOPNOTSUPP], [false, true])
  func worksWithoutLocks(_ errno: Int32, keepsRollups: Bool) throws {
    try expectOneWarning(
      .init(call: "flock", action: .error(errno)), "does not support locks",
      keepsRollups: keepsRollups)
  }

  @Test(arguments: [false, true])
  func worksIfTheFreeSpaceIsReportedAsZero(keepsRollups: Bool) throws {
    try expectOneWarning(
      .init(call: "statvfs", action: .zeros), "does not report its free space",
      keepsRollups: keepsRollups)
  }

  @Test func worksIfTheFreeSpaceIsHuge() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let outcome = try bench.start(.init(call: "statvfs", action: .huge)).wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    try bench.expectNew("huge")
  }

  @Test func planSaysThatSpaceIsUnknown() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let fault = FaultLibrary.Fault(call: "statvfs", action: .zeros)
    let plan = try ChildProcess(
      FaultBench.binary, ["plan", "--logs", bench.logs, "--out", bench.out],
      environment: fault.environment
    ).wait()
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(plan.output.contains("free space unknown, about "), "\(plan.output)")
  }

  /// Without locks, the process id in the lock file keeps a second run on the same machine out.
  @Test func withoutLocksASecondRunIsRefusedWhileTheFirstRuns() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let fault = FaultLibrary.Fault(call: "flock", action: .error(ENOLCK))
    // Any running `chartmill` process can serve as the one that the lock file names.
    let other = try TemporaryFolder()
    let holder = try ChildProcess(
      FaultBench.binary,
      ["synth", "--out", other.path, "--rows", "500000000", "--days", "1", "--quiet"])
    defer { holder.signal(SIGKILL) }
    let lock = "\(bench.out)/.chartmill-lock"
    try Data("\(holder.identifier)\n".utf8).write(to: URL(fileURLWithPath: lock))
    let refused = try bench.start(fault).wait()
    #expect(refused.status == 75, "\(refused.errors)")
    #expect(refused.errors.contains("process \(holder.identifier)"), "\(refused.errors)")
    // The process has ended, or its id now belongs to a different program. Either way, the lock
    // file does not count.
    for left in ["\(holder.identifier)", "\(getpid())", "999999999", ""] {
      holder.signal(SIGKILL)
      _ = holder.wait()
      try bench.reset()
      try Data("\(left)\n".utf8).write(to: URL(fileURLWithPath: lock))
      let outcome = try bench.start(fault).wait()
      #expect(outcome.status == 0, "\(left): \(outcome.errors)")
      try bench.expectNew("after process \(left)")
      #expect(try bench.strays() == [], "\(left)")
    }
  }

  @Test(.enabled(if: Tmpfs.canMount, "needs root"))
  func spillsInMemoryAreWarnedOf() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let disk = try Tmpfs(kibibytes: 8192)
    for command in ["run", "plan"] {
      let arguments = [
        command, "--logs", bench.logs, "--out", bench.out, "--spill-dir", disk.path, "--quiet",
      ]
      let outcome = try ChildProcess(FaultBench.binary, arguments).wait()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        warnings(outcome).count { $0.contains("in memory") } == 1
          && outcome.errors.contains("\(disk.path): this folder is in memory"),
        "\(outcome.errors)")
    }
  }
}
