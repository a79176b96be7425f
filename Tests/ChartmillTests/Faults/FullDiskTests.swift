import Foundation
import Testing

/// A real full disk: a small tmpfs.
@Suite(.serialized, .enabled(if: Tmpfs.canMount, "needs root")) struct FullDiskTests {
  /// KiB, from where not even the lock fits to where nearly everything does.
  private static let sizes = [4, 8, 16, 64, 256, 512, 1024]

  @Test func outputsOnAFullDisk() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    for kibibytes in Self.sizes {
      let disk = try Tmpfs(kibibytes: kibibytes)
      let out = "\(disk.path)/out"
      let run = ["run", "--logs", bench.logs, "--out", out] + bench.flags
      let outcome = try ChildProcess(FaultBench.binary, run).wait()
      try expectFull(outcome, disk)
      if FileManager.default.fileExists(atPath: out) {
        let left = try FileManager.default.contentsOfDirectory(atPath: out)
        #expect(left == [], "\(kibibytes) KiB")
      }
    }
  }

  @Test func oldOutputsOnAFullDiskStay() throws {
    let bench = try FaultBench(rows: 20_000, users: 5_000)
    // Room for the old outputs and half of the new ones.
    let bytes = bench.old.files.values.reduce(0) { $0 + $1.count }
    let disk = try Tmpfs(kibibytes: (bytes * 3 / 2) >> 10)
    let out = "\(disk.path)/out"
    try FileManager.default.copyItem(atPath: bench.out, toPath: out)
    let outcome = try ChildProcess(
      FaultBench.binary,
      ["run", "--logs", bench.logs, "--out", out, "--spill-dir", bench.spills] + bench.flags
    ).wait()
    try expectFull(outcome, disk)
    let isOld = try FaultBench.Outputs(folder: out) == bench.old
    #expect(isOld)
    let names = try FileManager.default.contentsOfDirectory(atPath: out)
    #expect(!names.contains { $0.hasPrefix(".") })
  }

  @Test func spillsOnAFullDisk() throws {
    let bench = try FaultBench(rows: 30_000, users: 6_000)
    for kibibytes in Self.sizes.dropLast(2) {
      try bench.reset()
      let disk = try Tmpfs(kibibytes: kibibytes)
      let outcome = try ChildProcess(
        FaultBench.binary,
        ["run", "--logs", bench.logs, "--out", bench.out, "--spill-dir", disk.path] + bench.flags
      ).wait()
      try expectFull(outcome, disk)
      try bench.expectOld("a full spill folder")
      let left = try bench.strays() + FileManager.default.contentsOfDirectory(atPath: disk.path)
      #expect(left == [])
    }
  }

  private func expectFull(_ outcome: ChildProcess.Outcome, _ disk: Tmpfs) throws {
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains(disk.path), "\(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
  }
}

/// A file system of a fixed size, while this value lives.
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
