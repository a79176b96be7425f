import Foundation
import Testing

@testable import ChartmillCore

extension EndToEnd {
  /// Commands read a log from a pipe as they read it from a file.
  @Suite struct StandardInput {
    private static let rows = (0..<3000).map { "\($0 % 97)|\($0 % 13)|FR\n" }.joined()

    /// Writes a file to a pipe in the pieces that end at `cuts`. Each piece is written when the
    /// program has read the previous one. After the pause at the start, the program is probably
    /// already waiting.
    private static let feeder = """
      import array, fcntl, os, subprocess, sys, termios, time
      path, cuts, blocks = sys.argv[1], [int(cut) for cut in sys.argv[2].split(",")], sys.argv[3]
      data = open(path, "rb").read()
      reads, writes = os.pipe()
      if blocks == "no":
          fcntl.fcntl(reads, fcntl.F_SETFL, os.O_NONBLOCK)
      process = subprocess.Popen(sys.argv[4:], stdin=reads)
      os.close(reads)
      time.sleep(0.2)
      start = 0
      for cut in [*cuts, len(data)]:
          while start < min(cut, len(data)):
              start += os.write(writes, data[start:cut])
          unread = array.array("i", [1])
          while unread[0] > 0 and process.poll() is None:
              fcntl.ioctl(writes, termios.FIONREAD, unread)
              time.sleep(0.001)
      os.close(writes)
      sys.exit(process.wait())
      """

    private func feed(
      _ bytes: [UInt8], cuts: [Int], blocks: Bool = true, _ arguments: [String]
    ) throws -> ChartmillProcess {
      let folder = try TemporaryFolder()
      try folder.write(bytes, to: "log")
      try folder.write("", to: "output")
      try folder.write("", to: "errors")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        [
          "python3", "-c", Self.feeder, folder.path(of: "log"),
          cuts.map(String.init).joined(separator: ","), blocks ? "yes" : "no",
          ChartmillProcess.binary.path,
        ] + arguments
      process.standardOutput = try FileHandle(
        forWritingTo: URL(fileURLWithPath: folder.path(of: "output")))
      process.standardError = try FileHandle(
        forWritingTo: URL(fileURLWithPath: folder.path(of: "errors")))
      try process.run()
      process.waitUntilExit()
      return ChartmillProcess(
        status: process.terminationStatus, output: try folder.read("output"),
        errors: try folder.read("errors"))
    }

    /// The first piece of the log, and the first piece of each member, is a single byte.
    @Test(arguments: [true, false])
    func piecesOfAnySize(blocks: Bool) throws {
      let member = try Tool.gzipped(Self.rows)
      let (count, padding) = (member.count, [UInt8](repeating: 0, count: 5))
      for (bytes, cuts, rows) in [
        (member + member, [1, 2, count, count + 1, 2 * count - 1], 6000),
        (member + padding + member, [3, count - 3, count + 2, count + 5, count + 6], 6000),
        (Array(Self.rows.utf8), [1, 2, 9, 10_000], 3000),
      ] {
        let checked = try feed(bytes, cuts: cuts, blocks: blocks, ["check", "-"])
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("-: \(rows == 6000 ? "6,000" : "3,000") rows"))
      }
      let cut = try feed(
        member + member, cuts: [count + 1], blocks: blocks, ["check", "-", "--json"])
      #expect(cut.output.contains("\"accepted\":6000"))
      let lone = try feed(member + [0x1f], cuts: [count], blocks: blocks, ["check", "-"])
      #expect(lone.status == 65 && lone.errors.contains("-: truncated gzip data"))
    }

    @Test func theErrorForAnotherFormatShowsAPipe() throws {
      let xz: [UInt8] = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]
      let checked = try feed(xz, cuts: [1, 5], ["check", "-"])
      #expect(checked.status == 65)
      #expect(checked.errors.contains("-: this is xz data; expected"))
      #expect(checked.errors.contains("... | xz -dc | chartmill ..."))
    }

    /// A signal ends a command that waits for input.
    @Test func aSignalEndsTheWait() throws {
      let pipe = Pipe()
      let process = Process()
      process.executableURL = ChartmillProcess.binary
      process.arguments = ["check", "-"]
      process.standardInput = pipe
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let writing = pipe.fileHandleForWriting
      try writing.write(contentsOf: Data("1|2|FR\n".utf8))
      // The program has installed its handler and has read everything, so it is waiting for more.
      var unread: Int32 = 1
      while unread > 0 || !ChildProcess.catches(SIGTERM, process.processIdentifier) {
        try #require(process.isRunning)
        try #require(ioctl(writing.fileDescriptor, UInt(FIONREAD), &unread) == 0)
        usleep(1000)
      }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationStatus == 128 + SIGTERM)
      try writing.close()
    }

    private func rollUp(
      _ bench: StateBench, _ bytes: [UInt8], name: String, _ flags: [String] = []
    ) throws -> ChartmillProcess {
      try feed(
        bytes, cuts: [1],
        ["rollup", "-", "--name", name, "--state", bench.state, "--quiet"] + flags)
    }

    /// Days that were rolled up from a pipe give the charts of their logs. The logs are not needed.
    @Test func aDayFromAnySource() throws {
      let bench = try StateBench()
      let expected = try bench.expected()
      for day in bench.days {
        let log = try [UInt8](Data(contentsOf: URL(fileURLWithPath: bench.log(day))))
        let made = try rollUp(bench, log, name: "s3://bucket/logs/listen-\(day).log.gz")
        try #require(made.status == 0, "\(made.errors)")
        #expect(made.errors == "")
      }
      let run = try ChartmillProcess.run(
        "run", "--state", bench.state, "--out", bench.out, "--days", "3", "--quiet")
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      let published = try Published(bench.out)
      #expect(published == expected && published.run.keptDays == bench.days)
      #expect(published.facts.inputs.map(\.bytes) == expected.facts.inputs.map(\.bytes))
      // If the folder has a log of the day, the run reads the log instead.
      let (other, errors) = try bench.expectRun(gives: expected)
      #expect(other.run.keptDays.isEmpty && errors.contains("its rollup was rebuilt"))
      let (third, _) = try bench.expectRun(gives: expected)
      #expect(third.run.keptDays == bench.days)
    }

    /// A complete log replaces the kept rollup of its day; an empty or truncated one does not.
    @Test func theLastCompleteLogOfADayCounts() throws {
      let bench = try StateBench(days: 1)
      let name = "listen-20260705.log"
      func accepted() throws -> Int {
        let run = try ChartmillProcess.run(
          "run", "--state", bench.state, "--out", bench.out, "--days", "1", "--quiet")
        try #require(run.status == 0, "\(run.errors)")
        return try Published(bench.out).facts.totals.accepted
      }
      #expect(try rollUp(bench, Array("1|2|FR\n".utf8), name: name).status == 0)
      #expect(try accepted() == 1)
      #expect(try rollUp(bench, Array("1|2|FR\n3|4|FR\n".utf8), name: name).status == 0)
      #expect(try accepted() == 2)
      let nothing = try rollUp(bench, [], name: name)
      #expect(nothing.status == 65)
      #expect(nothing.errors.contains("\(name): standard input was empty"))
      let cut = try rollUp(bench, try Tool.gzipped(Self.rows).dropLast(3), name: name)
      #expect(cut.status == 65 && cut.errors.contains("truncated gzip data"))
      #expect(try accepted() == 2)
    }

    @Test func argumentsThatDoNotFitStandardInputAreUsageErrors() throws {
      for (arguments, problem) in [
        (["run", "-", "--out", "o"], "'run' does not read standard input"),
        (["plan", "-"], "'plan' does not read standard input"),
        (["rollup", "-", "--state", "s"], "--name is required for a log on standard input"),
        (
          ["rollup", "-", "a", "--state", "s", "--name", "n"], "both '-' (standard input) and files"
        ),
        (
          ["rollup", "a", "--state", "s", "--name", "n"],
          "--name is only for a log on standard input"
        ),
        (["rollup", "-", "--logs", "l", "--name", "n", "--state", "s"], "both --logs and files"),
        (["check", "-", "-"], "'-' (standard input) was given twice"),
      ] {
        let process = try ChartmillProcess.run(arguments)
        #expect(process.status == 64, "\(arguments): \(process.errors)")
        #expect(process.errors.contains(problem), "\(process.errors)")
      }
      let undated = try ChartmillProcess.run("rollup", "-", "--name", "x", "--state", "s")
      #expect(undated.status == 65 && undated.errors.contains("x: no date in its name"))
    }
  }
}
