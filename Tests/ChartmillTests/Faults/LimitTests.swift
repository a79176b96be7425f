import Foundation
import Testing

/// A run works within the limits of the machine, or says which limit it has reached.
@Suite(.serialized) struct LimitTests {
  @Test func worksWith64OpenFiles() throws {
    let bench = try FaultBench(rows: 20_000, users: 2_000, threads: 4, memory: "64MiB")
    let outcome = try bench.start(shell: "ulimit -n 64").wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    try bench.expectNew("64 open files")
  }

  /// The limits range from no open files at all to enough of them.
  @Test func saysWhenOpenFilesAreTooFew() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    var codes: [Int32] = []
    for limit in 3...40 {
      try bench.reset()
      let outcome = try bench.start(shell: "ulimit -n \(limit)").wait()
      // The loader could not open the libraries, so the program did not begin.
      if outcome.status == 127 { continue }
      codes.append(outcome.status)
      try bench.expectAllOrNothing(
        outcome, codes: [66, 73, 74], mayLeave: true, "ulimit -n \(limit)")
      if outcome.status != 0 {
        #expect(outcome.errors.contains("ulimit -n"), "\(outcome.errors)")
      }
    }
    #expect(codes.first != 0 && codes.last == 0, "\(codes)")
  }

  /// If the arenas fit in the address space and small allocations do not, the Swift runtime ends
  /// the program. Even then nothing is lost, and the next run gives the right charts.
  @Test func tooLittleAddressSpaceLosesNothing() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    var codes: [Int32] = []
    for kibibytes in [16_000, 24_000, 32_000, 40_000, 48_000, 64_000, 96_000, 200_000] {
      try bench.reset()
      let outcome = try bench.start(shell: "ulimit -v \(kibibytes)").wait()
      // The loader failed.
      if outcome.status == 127 { continue }
      codes.append(outcome.status)
      if outcome.status >= 128 || outcome.errors.contains("failed to allocate") {
        try bench.expectOld("ulimit -v \(kibibytes)")
        try bench.expectRecovery("ulimit -v \(kibibytes)")
      } else {
        try bench.expectAllOrNothing(outcome, codes: [74], "ulimit -v \(kibibytes)")
      }
    }
    #expect(codes.contains(74) && codes.last == 0, "\(codes)")
  }

  /// At a limit of the file size, given in blocks of 512 bytes, writing fails as on a full disk. No
  /// signal ends the program.
  @Test(arguments: [1, 4, 8])
  func aLimitOfTheFileSizeIsAnError(_ blocks: Int) throws {
    let bench = try FaultBench(rows: 2_000, users: 200)
    let outcome = try bench.start(shell: "ulimit -f \(blocks)").wait()
    try bench.expectAllOrNothing(outcome, codes: [73, 74], "ulimit -f \(blocks)")
    #expect(outcome.status != 0)
  }

  @Test func theEnvironmentDoesNotMatter() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let environment: [String: String?] = [
      "HOME": nil as String?, "PATH": nil as String?, "LANG": "tr_TR.UTF-8",
      "TZ": "Pacific/Kiritimati",
      "TMPDIR": "/nowhere",
    ]
    let outcome = try ChildProcess(FaultBench.binary, bench.arguments, environment: environment)
      .wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    try bench.expectNew("no HOME")
  }

  /// A run with a budget of 40 MiB works in a cgroup of 48 MiB. The kernel would kill a larger run.
  @Test(.enabled(if: MemoryCgroup.canMake, "needs root and cgroup v1"))
  func worksInAMemoryCgroup() throws {
    let bench = try FaultBench(
      rows: runsSlowTests ? 3_000_000 : 400_000, users: 100_000, threads: 2, memory: "40MiB")
    let group = try MemoryCgroup(mebibytes: 48)
    let outcome = try bench.start(shell: "echo $$ > \(group.path)/cgroup.procs").wait(seconds: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try bench.expectNew("a cgroup of 48 MiB")
    #expect(outcome.peakResident <= 40 << 20)
  }

  @Test(.enabled(if: Tmpfs.canMount, "needs root"))
  func aReadOnlySpillFolderIsAnError() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let disk = try Tmpfs(kibibytes: 1024)
    try disk.makeReadOnly()
    for folder in [disk.path, "\(disk.path)/missing", "/proc", "\(bench.logs)/listen-20260704.log"]
    {
      let outcome = try ChildProcess(
        FaultBench.binary,
        ["run", "--logs", bench.logs, "--out", bench.out, "--spill-dir", folder] + bench.flags
      ).wait()
      #expect([73, 74].contains(outcome.status), "\(outcome.errors)")
      #expect(outcome.errors.contains(folder), "\(outcome.errors)")
      try bench.expectOld(folder)
      let left = try bench.strays()
      #expect(left == [])
    }
  }

  @Test(.enabled(if: Tmpfs.canMount, "needs root"))
  func aReadOnlyOutputFolderIsAnError() throws {
    let bench = try FaultBench(rows: 300, users: 60)
    let disk = try Tmpfs(kibibytes: 1024)
    try disk.makeReadOnly()
    for folder in [disk.path, "\(disk.path)/missing"] {
      let outcome = try ChildProcess(
        FaultBench.binary, ["run", "--logs", bench.logs, "--out", folder] + bench.flags
      ).wait()
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains("Read-only file system"), "\(outcome.errors)")
    }
  }
}

/// A control group (version 1) with a limit of memory. It is removed when this object is released.
private final class MemoryCgroup {
  static let canMake: Bool = geteuid() == 0 && (try? MemoryCgroup(mebibytes: 48)) != nil

  let path = "/sys/fs/cgroup/memory/chartmill-test-\(UUID().uuidString)"

  init(mebibytes: Int) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let limit = try FileHandle(
      forWritingTo: URL(fileURLWithPath: "\(path)/memory.limit_in_bytes"))
    try limit.write(contentsOf: Data("\(mebibytes << 20)\n".utf8))
  }

  deinit {
    rmdir(path)
  }
}

extension Tmpfs {
  fileprivate func makeReadOnly() throws {
    let mount = try ChildProcess("/bin/mount", ["-o", "remount,ro", path]).wait()
    guard mount.status == 0 else { throw CannotMount(errors: mount.errors) }
  }
}
