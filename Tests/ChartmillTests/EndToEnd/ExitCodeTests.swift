import Foundation
import Testing

@testable import ChartmillCore

extension EndToEnd {
  /// Runs end with every documented exit code, and leave no files behind.
  @Suite struct ExitCodes {
    /// Logs with enough rows for a test to interrupt a run while it reads and while it charts.
    private func largeLogs() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let process = try ChartmillProcess.run(
        "synth", "--quiet", "--out", folder.path, "--days", "2", "--rows", "4000000",
        "--users", "1000000")
      try #require(process.status == 0)
      return folder
    }

    @Test func wrongArgumentsAreUsageErrors() throws {
      let book = try LogBook("1|2|FR\n")
      for flags in [
        ["--top", "0"], ["--top", "1001"], ["--days", "0"], ["--threads", "0"],
        ["--partitions", "3"], ["--partitions", "2048"], ["--date", "20260230"], ["--nonsense"],
        ["--max-bad-rows", "5"], ["listen-20260705.log"],
      ] {
        try book.run(flags).expectFailure(64, "See 'chartmill run --help'.")
      }
    }

    @Test func missingLogsAreNoInput() throws {
      try ChartRun(["--logs", "missing"]).expectFailure(66, "cannot read missing: ", "No such file")
      let folder = try TemporaryFolder()
      try #require(mkfifo(folder.path(of: "listen-20260705.log"), 0o600) == 0)
      // A run does not wait until a log appears.
      let run = try withExtendedLifetime(folder) { try ChartRun(["--logs", folder.path]) }
      try run.expectFailure(66, "not a regular file")
    }

    @Test func anOutputThatCannotBeMadeIsAnError() throws {
      let book = try LogBook("1|2|FR\n")
      try book.folder.write("", to: "taken")
      for out in ["taken", "taken/below", "missing/below"] {
        let process = try ChartmillProcess.run(
          "run", "--logs", book.path, "--out", book.folder.path(of: out))
        #expect(process.status == 73, "\(out): \(process.errors)")
        #expect(process.errors.contains("cannot create"))
      }
      for spill in ["taken", "missing"] {
        try book.run("--spill-dir", book.folder.path(of: spill)).expectFailure(73)
      }
      #expect(try book.folder.names() == ["listen-20260705.log", "taken"])
    }

    /// If a folder has the name of an output, no file is replaced.
    @Test func aFolderWithTheNameOfAnOutputIsAnError() throws {
      let book = try LogBook("1|2|FR\n")
      let out = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: out.path(of: "user_top50_20260705.txt"), withIntermediateDirectories: false)
      try out.write("old", to: "country_top50_20260705.txt")
      #expect(try book.run(out: out).status == 74)
      #expect(try out.names() == ["country_top50_20260705.txt", "user_top50_20260705.txt"])
      #expect(try out.read("country_top50_20260705.txt") == "old")
    }

    /// A limit of the file size makes writing fail at any point, as a full disk does.
    @Test(arguments: [0, 1, 64, 400, 2000])
    func writingFails(blocks: Int) throws {
      let book = try LogBook()
      try book.add(RandomLogs.text(seed: 1, rows: 300_000, users: 50_000, songs: 1_000_000))
      let out = try TemporaryFolder()
      try out.write("old", to: "manifest_20260705.json")
      let run = try MeasuredRun(
        starting: ["--memory", "32MiB"], logs: book.folder, out: out,
        shell: "trap '' XFSZ; ulimit -f \(blocks)")
      run.waitUntilExit()
      // With a limit of 0, writing the lock file fails.
      #expect(run.status == 74, "\(run.errors)")
      #expect(try out.names() == ["manifest_20260705.json"])
      #expect(try out.read("manifest_20260705.json") == "old")
    }

    /// A disk of 4 MiB is too small for the outputs, for the spill files, and for both.
    @Test(
      .enabled(if: SmallDisk.isPossible), arguments: [(true, true), (true, false), (false, true)])
    func theDiskIsFull(outIsThere: Bool, spillIsThere: Bool) throws {
      let disk = try SmallDisk(mebibytes: 4)
      let book = try LogBook()
      try book.add(RandomLogs.text(seed: 1, rows: 1_300_000, users: 500_000, songs: 1_000_000))
      let out = outIsThere ? try disk.folder() : try TemporaryFolder()
      let spill = spillIsThere ? try disk.folder() : try TemporaryFolder()
      try withExtendedLifetime(disk) {
        // With a limit for spill files, a run does not estimate its disk space before it begins.
        let run = try book.run(
          "--spill-dir", spill.path, "--memory", "32MiB", "--spill-limit", "1GiB", out: out)
        try run.expectFailure(74, "No space left on device", "Nothing was published.")
        #expect(try spill.names() == [])
      }
    }

    @Test func aFullStandardOutputIsAnError() throws {
      let book = try LogBook("1|2|FR\n")
      let out = try TemporaryFolder()
      let process = try withExtendedLifetime((book, out)) {
        try ChartmillProcess.run(
          ["run", "--logs", book.path, "--out", out.path, "--days", "1"], outputPath: "/dev/full")
      }
      #expect(process.status == 74)
      #expect(
        process.errors == """
          chartmill: cannot write standard output: No space left on device
            The charts were published; only the summary is missing.

          """, "\(process.errors)")
    }

    @Test func aFolderThatAnotherRunHasIsBusy() throws {
      let book = try LogBook("1|2|FR\n")
      let out = try TemporaryFolder()
      try out.write("4711\n", to: ".chartmill-lock")
      let file = open(out.path(of: ".chartmill-lock"), O_RDWR | O_CLOEXEC)
      try #require(flock(file, LOCK_EX) == 0)
      let run = try book.run(out: out)
      #expect(run.status == 75)
      #expect(run.errors.contains("is in use by chartmill process 4711"))
      close(file)
      // A lock file that no process holds was left by a killed run.
      #expect(try book.run(out: out).charts().userLines == ["2|1:1"])
    }

    @Test func aSignalEndsARunWithinASecondAndLeavesNothing() throws {
      let logs = try largeLogs()
      for (signal, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
        for whileCharting in [false, true] {
          let out = try TemporaryFolder()
          let spill = try TemporaryFolder()
          try out.write("old", to: "manifest_20260705.json")
          let run = try MeasuredRun(
            starting: ["--spill-dir", spill.path, "--memory", "64MiB"], logs: logs, out: out)
          // The lock file exists from the start. Staged files exist once the run is charting.
          let prefix = whileCharting ? ".chartmill-user_top50" : ".chartmill-lock"
          try #require(
            try run.waits { try out.names().contains { $0.hasPrefix(prefix) } })
          try #require(run.child.waits(untilItCatches: signal))
          let seconds = run.end(by: signal)
          #expect(run.status == 128 + signal)
          #expect(seconds < 1)
          #expect(run.errors == "chartmill: stopped by \(name); nothing was published\n")
          #expect(try out.names() == ["manifest_20260705.json"])
          #expect(try spill.names() == [])
        }
      }
      // After SIGKILL a run cannot clean up. Nothing is published, and the next run cleans up.
      let out = try TemporaryFolder()
      let run = try MeasuredRun(starting: ["--memory", "64MiB"], logs: logs, out: out)
      try #require(
        try run.waits { try out.names().contains { $0.hasPrefix(".chartmill-user_top50") } })
      _ = run.end(by: SIGKILL)
      #expect(run.status == 128 + SIGKILL)
      #expect(try out.names().allSatisfy { $0.hasPrefix(".chartmill-") })
      let book = try LogBook("1|2|FR\n")
      #expect(try book.run(out: out).charts().userLines == ["2|1:1"])
    }
  }
}

/// A file system in memory with a fixed size. Only root can mount one.
private final class SmallDisk {
  static let isPossible: Bool = (try? SmallDisk(mebibytes: 1)) != nil

  private let mountPoint: TemporaryFolder

  init(mebibytes: Int) throws {
    mountPoint = try TemporaryFolder()
    let mount = try Tool.run(
      "mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", mountPoint.path)
    guard mount.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }

  deinit {
    _ = try? Tool.run("umount", "-l", mountPoint.path)
  }

  func folder() throws -> TemporaryFolder { try TemporaryFolder(in: mountPoint.path) }
}
