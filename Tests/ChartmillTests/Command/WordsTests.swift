import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillSystem

/// Errors say what is so, for the command that failed.
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

  /// Only a command that publishes speaks of it.
  @Test(arguments: Commands.names)
  func nothingWasPublishedIsSaidWhereItIsSo(_ name: String) throws {
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
      #expect(stopped == "chartmill: stopped by SIGTERM; dates that were charted before stay\n")
    case "rollup":
      #expect(stopped == "chartmill: stopped by SIGTERM; days that were rolled up before stay\n")
    case "check": #expect(stopped == "chartmill: stopped by SIGTERM\n")
    default: break
    }
  }

  /// No advice names a flag that the command does not take, or that was given already.
  @Test(arguments: Commands.names)
  func adviceIsOfFlagsThatHelp(_ name: String) throws {
    let command = try #require(Commands.named(name))
    for error in Self.errors {
      let text = text(error, command)
      for flag in [Flag.spillDir, .wait, .days] where command.flag(named: flag.name) == nil {
        #expect(!text.contains(flag.spelling), "\(name): \(text)")
      }
    }
    let full = SystemError("write", "a", .writing, errno: ENOSPC)
    #expect(!text(full, command, [.spillDir]).contains("--spill-dir"))
    #expect(text(full, command).contains("Make room"))
    if name == "run" { #expect(text(full, command).contains("--spill-dir")) }
  }

  @Test func textThatIsNamedGzipIsNotToBeFetchedOnly() throws {
    let error = LogError.corruptGzip(path: "a.gz", offset: 0, problem: .badHeader)
    #expect(text(error, CheckCommand.self).contains("rename it if it is plain text"))
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

  @Test func aDamagedRollupWithoutItsLogIsNoDiskToCheck() throws {
    let bench = try StateBench()
    try bench.rollUpAll()
    let path = URL(fileURLWithPath: bench.rollup(of: bench.days[1]))
    var bytes = try Data(contentsOf: path)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: path)
    try bench.removeLog(bench.days[1])
    let made = try bench.run()
    #expect(made.status == 65, "\(made.errors)")
    #expect(made.errors.contains("the kept rollup is damaged, and its log is not there"))
    #expect(made.errors.contains("Bring the log back"))
  }

  @Test func waitingIsSaidAndBookedApart() throws {
    let bench = try StateBench(days: 2, rows: 200)
    var lock: FolderLock? = try FolderLock(try Folder.openOrCreate(bench.out, mode: 0o755))
    let arguments = bench.arguments(["--wait"])
    let waiting = try RunningChartmill(arguments.filter { $0 != "--quiet" } + ["--stats"])
    let quiet = try RunningChartmill(bench.arguments(["--wait"], state: false))
    usleep(1_500_000)
    withExtendedLifetime(lock) {}
    lock = nil
    let (made, silent) = try (waiting.finish(), quiet.finish())
    #expect(made.status == 0 && silent.status == 0, "\(made.errors)")
    let process = ProcessInfo.processInfo.processIdentifier
    #expect(
      made.errors.contains("chartmill: waiting for process \(process), which has '\(bench.out)'\n"),
      "\(made.errors)")
    #expect(silent.errors == "")
    #expect(made.output.contains("seconds in waiting"))
    let seconds = try Published(bench.out).run.seconds
    #expect(seconds.waiting > 0.9)
    #expect(seconds.rollup < seconds.waiting)
    #expect(abs(seconds.rollup + seconds.chart + seconds.publish - seconds.total) < 0.01)
  }
}
