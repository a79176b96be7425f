import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem
@testable import ChartmillText

/// Error messages say only what is true for the command that failed.
@Suite struct WordsTests {
  private func text(
    _ error: any Error, _ command: any ChartmillCommand.Type, _ flags: [Flag] = []
  ) -> String {
    var arguments = ParsedArguments(command)
    for flag in flags { arguments.add(flag) }
    return Explanation(error, ErrorContext(arguments)).lines
  }

  private static let errors: [any Error] = [
    SystemError("read", "a", .reading, errno: EIO),
    SystemError("write", "a", .writing, errno: EIO),
    SystemError("write", "a", .writing, errno: ENOSPC),
    SystemError("write", "a", .writing, errno: EFBIG),
    SystemError("mmap", "9 bytes of memory", .writing, errno: ENOMEM),
    LogError.corruptGzip(path: "a", offset: 9, problem: .truncated),
    LogError.changedWhileRead(path: "a"), SpillError.corrupt(path: "a", offset: 0),
    SpillError.limit(5), Interrupted(signal: SIGTERM),
    DiskTooSmall(need: DiskNeed(folders: ["a"], bytes: 9, freeBytes: 1)),
    FolderLocked(path: "a", holder: "1"),
  ]

  /// Only a command that publishes says that nothing was published.
  @Test(arguments: Commands.names)
  func onlyCommandsThatPublishSayThatNothingWas(_ name: String) throws {
    let command = try #require(Commands.named(name))
    for error in Self.errors {
      let text = text(error, command).lowercased()
      if !["run", "assemble"].contains(name) {
        #expect(!text.contains("nothing was published"), "\(name): \(text)")
      }
    }
    let stopped = text(Interrupted(signal: SIGTERM), command)
    switch name {
    case "run": #expect(stopped == "chartmill: stopped by SIGTERM; nothing was published\n")
    case "backfill":
      #expect(stopped == "chartmill: stopped by SIGTERM; finished dates stay published\n")
    case "rollup":
      #expect(stopped == "chartmill: stopped by SIGTERM; finished rollups are kept\n")
    case "check": #expect(stopped == "chartmill: stopped by SIGTERM\n")
    default: break
    }
  }

  /// Advice names only flags that the command accepts and that were not given.
  @Test(arguments: Commands.names)
  func adviceNamesOnlyFlagsThatHelp(_ name: String) throws {
    let command = try #require(Commands.named(name))
    for error in Self.errors {
      let text = text(error, command)
      for flag in [Flag.spillDir, .wait, .days] where command.flag(named: flag.name) == nil {
        #expect(!text.contains(flag.spelling), "\(name): \(text)")
      }
    }
    let full = SystemError("write", "a/(spill)", .writing, errno: ENOSPC)
    #expect(!text(full, command, [.spillDir]).contains("--spill-dir"))
    #expect(text(full, command).contains("Free some space"))
    if name == "run" { #expect(text(full, command).contains("--spill-dir")) }
  }

  /// Spill files can move to another disk only if they are on the full one.
  @Test func aFullDiskWithoutSpillFiles() {
    var run = ParsedArguments(RunCommand.self)
    run.add(.out, "charts/")
    run.add(.state, "state")
    func text(_ error: any Error) -> String { Explanation(error, ErrorContext(run)).lines }
    for (folder, isNamed) in [("charts", true), ("state", false), ("other", false)] {
      let file = SystemError("write", "\(folder)/a", .writing, errno: ENOSPC)
      let disk = DiskTooSmall(need: DiskNeed(folders: [folder], bytes: 9, freeBytes: 1))
      #expect(text(file).contains("--spill-dir") == isNamed, "\(folder)")
      #expect(text(disk).contains("--spill-dir") == isNamed, "\(folder)")
    }
  }

  /// A folder that exists, but may not be read or written, is not said to be missing.
  @Test func aFolderThatExistsCannotBeOpened() throws {
    let folder = try TemporaryFolder()
    let error = SystemError("open", folder.path, .creating, errno: EACCES)
    #expect(error.text == "cannot open \(folder.path): Permission denied")
  }

  @Test func longListsOfDaysAreCut() {
    func text(_ count: Int) -> String {
      days((1...count).map { Day(daysSinceEpoch: 20_000 + $0) })
    }
    #expect(!text(10).contains("more"))
    #expect(text(11).hasSuffix(" and 1 more day"))
    #expect(text(12).hasSuffix(" and 2 more days"))
  }

  /// The error names the missing folder, and the command that creates it.
  @Test func aMissingFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    let file = SystemError("open", folder.path(of: "a b/c"), .creating, errno: ENOENT)
    #expect(
      text(file, RunCommand.self) == """
        chartmill: cannot create \(file.path): the folder '\(folder.path(of: "a b"))' does not exist
          Create it first: mkdir -p '\(folder.path(of: "a b"))'

        """)
    let itself = SystemError("open", folder.path(of: "a"), .creating, errno: ENOENT)
    #expect(
      text(itself, RunCommand.self) == """
        chartmill: cannot create a file in \(itself.path): the folder does not exist
          Create it first: mkdir -p \(itself.path)

        """)
  }

  /// The call is named only if the system's reason is not clear without it.
  @Test func aSystemErrorInWords() {
    func text(_ call: String, _ role: SystemError.Role, _ errno: Int32) -> String {
      SystemError(call, "a", role, errno: errno).text
    }
    #expect(text("open", .reading, ENOENT) == "cannot read a: No such file or directory")
    #expect(text("pread", .reading, EIO) == "cannot read a: Input/output error (pread)")
    #expect(text("pwrite", .writing, ENOSPC) == "cannot write a: No space left on device")
    #expect(text("mkdir", .creating, EACCES) == "cannot create a: Permission denied")
    #expect(text("mmap", .writing, ENOMEM) == "cannot reserve a: Cannot allocate memory (mmap)")
  }

  @Test func rowsThatNoChartCountsAreABug() {
    let error = JobError.uncountedRows(users: 9, countries: 10, accepted: 10)
    #expect(ExitStatus(of: error) == .software)
    #expect(
      text(error, RunCommand.self) == """
        chartmill: 10 rows were accepted, but the charts count 9 streams by user and 10 by country
          This is a bug in chartmill. Nothing was published. Please report it with this message.

        """)
  }

  @Test func aFolderInUseIsNamed() {
    let locked = FolderLocked(path: "out/.lock", holder: "12")
    #expect(
      text(locked, RunCommand.self) == """
        chartmill: the folder 'out' is in use by chartmill process 12
          Add --wait to wait for it, or choose another folder.

        """)
    #expect(
      text(locked, ReportCommand.self).contains("\n  Wait until that process is done, or choose"))
  }

  @Test func oneFileNamedTwiceIsNotTwoFiles() {
    let day = Day(daysSinceEpoch: 20_000)
    let same = WindowError.duplicateDay(day, paths: ["a", "a"])
    #expect(text(same, RunCommand.self).hasPrefix("chartmill: a was given twice: "))
    let two = WindowError.duplicateDay(day, paths: ["a", "b"])
    #expect(
      text(two, RunCommand.self).hasPrefix(
        "chartmill: there are two copies of the log for \(day), so its rows would be counted "
          + "twice: a, b\n"))
  }

  @Test func adviceForTextNamedGzipIsMoreThanToFetchItAgain() throws {
    let error = LogError.corruptGzip(path: "a.gz", offset: 0, problem: .badHeader)
    #expect(text(error, CheckCommand.self).contains("rename the log if it is plain text"))
    #expect(!text(error, CheckCommand.self).contains("gzip -t"))
  }

  @Test func limitsOfTheProcessAreNamed() {
    #expect(
      text(SystemError("write", "a", .writing, errno: EFBIG), RunCommand.self).contains("ulimit -f")
    )
    let memory = SystemError("mmap", "9 bytes of memory", .writing, errno: ENOMEM)
    #expect(text(memory, RunCommand.self).contains("Lower --memory"))
    let thread = SystemError("pthread_create", "worker 1", .writing, errno: EAGAIN)
    #expect(text(thread, RunCommand.self).contains("Lower --threads"))
  }

  @Test func adviceForADamagedRollupIsToBringItsLogBack() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    let path = URL(fileURLWithPath: bench.rollup(of: bench.days[1]))
    var bytes = try Data(contentsOf: path)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: path)
    try bench.removeLog(bench.days[1])
    let made = try bench.run()
    #expect(made.status == 65, "\(made.errors)")
    #expect(made.errors.contains("the kept rollup is damaged, and its log was not found"))
    #expect(made.errors.contains("Restore the log"))
  }

  @Test func aRunSaysThatItWaitsAndCountsTheTimeApart() throws {
    let bench = try StateBench(days: 2, rows: 200)
    let otherOut = bench.newOut()
    var locks = try [bench.out, otherOut].map { path in
      try FolderLock(try Folder.openOrCreate(path, mode: 0o755))
    }
    let arguments = bench.arguments(["--wait"]).filter { $0 != "--quiet" }
    let waiting = try ChildProcess(chartmill: arguments + ["--stats"])
    let quiet = try ChildProcess(
      chartmill: bench.arguments(["--wait"], state: false, out: otherOut))
    try #require(waiting.waitsUntilItSaysThatItWaits())
    try #require(quiet.waits(untilItCatches: SIGTERM))
    let saidAt = waiting.elapsed
    // It has waited long enough for a difference between the two times to be visible.
    _ = waiting.waits { waiting.elapsed > saidAt + 1 }
    let waitedAtLeast = waiting.elapsed - saidAt
    withExtendedLifetime(locks) {}
    locks = []
    let (made, silent) = (waiting.wait(), quiet.wait())
    #expect(made.status == 0 && silent.status == 0, "\(made.errors)")
    let process = ProcessInfo.processInfo.processIdentifier
    #expect(
      made.errors.contains(
        "chartmill: waiting for process \(process), which is using '\(bench.out)'\n"),
      "\(made.errors)")
    #expect(silent.errors == "")
    #expect(made.output.contains("seconds in waiting"))
    let seconds = try Published(bench.out).run.seconds
    #expect(seconds.waiting >= waitedAtLeast)
    // No time is counted both as waiting and as work.
    #expect(seconds.waiting + seconds.total <= made.seconds)
    #expect(abs(seconds.rollup + seconds.chart + seconds.publish - seconds.total) < 0.01)
  }
}
