import Foundation
import Testing

/// A small tmpfs is a disk that is really full.
@Suite(.serialized, .enabled(if: Tmpfs.canMount, "needs root")) struct FullDiskTests {
  /// With this flag, a run begins although the estimate says that it does not fit.
  private static let unchecked = ["--spill-limit", "1GiB"]
  /// Sizes in KiB. On the smallest disk, not even the lock file fits. On the largest, nearly
  /// everything does.
  private static let sizes = [4, 8, 16, 64, 256, 512, 1024]

  @Test func aFullOutputDiskIsAnError() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    for kibibytes in Self.sizes {
      let disk = try Tmpfs(kibibytes: kibibytes)
      let out = "\(disk.path)/out"
      let run = ["run", "--logs", bench.logs, "--out", out] + bench.flags + Self.unchecked
      let outcome = try ChildProcess(FaultBench.binary, run).wait()
      try expectFull(outcome, disk)
      if FileManager.default.fileExists(atPath: out) {
        let left = try FileManager.default.contentsOfDirectory(atPath: out)
        #expect(left == [], "\(kibibytes) KiB")
      }
    }
  }

  @Test func aFullOutputDiskKeepsTheOldOutputs() throws {
    let bench = try FaultBench(rows: 20_000, users: 5_000)
    // The disk has space for the old outputs and half of the new ones.
    let bytes = bench.old.files.values.reduce(0) { $0 + $1.count }
    let disk = try Tmpfs(kibibytes: (bytes * 3 / 2) >> 10)
    let out = "\(disk.path)/out"
    try FileManager.default.copyItem(atPath: bench.out, toPath: out)
    let outcome = try ChildProcess(
      FaultBench.binary,
      ["run", "--logs", bench.logs, "--out", out, "--spill-dir", bench.spills] + bench.flags
        + Self.unchecked
    ).wait()
    try expectFull(outcome, disk)
    let isOld = try FaultBench.Outputs(folder: out) == bench.old
    #expect(isOld)
    let names = try FileManager.default.contentsOfDirectory(atPath: out)
    #expect(!names.contains { $0.hasPrefix(".") })
  }

  @Test func aFullSpillDiskIsAnError() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    for kibibytes in Self.sizes.dropLast(2) {
      try bench.reset()
      let disk = try Tmpfs(kibibytes: kibibytes)
      let outcome = try ChildProcess(
        FaultBench.binary,
        ["run", "--logs", bench.logs, "--out", bench.out, "--spill-dir", disk.path] + bench.flags
          + Self.unchecked
      ).wait()
      try expectFull(outcome, disk)
      try bench.expectOld("a full spill folder")
      let left = try bench.strays() + FileManager.default.contentsOfDirectory(atPath: disk.path)
      #expect(left == [])
    }
  }

  @Test func aDiskTooSmallForTheRunIsRefusedBeforeALogIsRead() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    // A run that reads this log would end with 65.
    let log = "\(bench.logs)/listen-20260703.log.gz"
    try (try Data(contentsOf: URL(fileURLWithPath: log)).prefix(20_000) + Data(count: 100))
      .write(to: URL(fileURLWithPath: log))
    let disk = try Tmpfs(kibibytes: 256)
    for flags in [["--out", disk.path], ["--out", bench.out, "--spill-dir", disk.path]] {
      let outcome = try ChildProcess(
        FaultBench.binary, ["run", "--logs", bench.logs, "--threads", "2"] + flags
      ).wait()
      #expect(outcome.status == 74, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("not enough free space in \(disk.path): about "),
        "\(outcome.errors)")
      #expect(outcome.errors.contains("KiB needed, "), "\(outcome.errors)")
      #expect(outcome.errors.contains("KiB free"), "\(outcome.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    try bench.expectOld("a disk too small")
  }

  /// With kept rollups, a run spills only the days that it reads.
  @Test func keptRollupsNeedLessDisk() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    let state = "\(bench.spills)/state"
    let disk = try Tmpfs(kibibytes: 64)
    let run =
      ["run", "--logs", bench.logs, "--out", bench.out, "--state", state, "--threads", "2"]
    let rolledUp = try ChildProcess(FaultBench.binary, run).wait()
    #expect(rolledUp.status == 0, "\(rolledUp.errors)")
    let again = try ChildProcess(FaultBench.binary, run + ["--spill-dir", disk.path]).wait()
    #expect(again.status == 0, "\(again.errors)")
  }

  private func expectFull(_ outcome: ChildProcess.Outcome, _ disk: Tmpfs) throws {
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains(disk.path), "\(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
  }
}

/// A mounted file system of a fixed size. It is unmounted when this object is released.
final class Tmpfs {
  static let canMount: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? Tmpfs(kibibytes: 64)) != nil
  }()

  let path: String
  private let folder: TemporaryFolder

  struct CannotMount: Error {
    let errors: String
  }

  init(kibibytes: Int) throws {
    folder = try TemporaryFolder()
    path = folder.path(of: "disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let mount = try ChildProcess(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path]
    ).wait()
    guard mount.status == 0 else { throw CannotMount(errors: mount.errors) }
  }

  deinit {
    _ = try? ChildProcess("/bin/umount", [path]).wait()
  }
}
