import Foundation
import Glibc
import Testing

/// Output has colors on a terminal, and none elsewhere.
@Suite struct ColorTests {
  /// What a command prints on a terminal, with standard output and standard error together.
  private static func onTerminal(
    _ arguments: [String], _ variables: [String: String] = [:]
  ) throws -> String {
    // This does what posix_openpt(3) does, which Swift does not import. See pts(4), ioctl_tty(2).
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(main >= 0)
    defer { close(main) }
    var (lock, number) = (Int32(0), UInt32(0))
    let (unlock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
    try #require(ioctl(main, unlock, &lock) == 0 && ioctl(main, getNumber, &number) == 0)
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    // Without this, the terminal turns a line end into two characters.
    var mode = termios()
    tcgetattr(terminal, &mode)
    mode.c_oflag = 0
    tcsetattr(terminal, TCSANOW, &mode)

    let process = Process()
    process.executableURL = ChartmillProcess.binary
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["NO_COLOR"] = nil
    environment["TERM"] = "xterm"
    process.environment = environment.merging(variables) { $1 }
    process.standardInput = FileHandle.nullDevice
    let handle = FileHandle(fileDescriptor: terminal, closeOnDealloc: true)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    // When no process has the terminal open any more, reading gives the rest of the output and then
    // an error.
    try handle.close()
    var shown: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(main, &buffer, buffer.count)
      if count <= 0 { break }
      shown += buffer.prefix(count)
    }
    return String(decoding: shown, as: UTF8.self)
  }

  private static func plain(_ text: String) -> String {
    text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
  }

  private static func isColored(_ text: String) -> Bool { text.contains("\u{1B}[") }

  /// The program's name and the movements are colored. The words are the same as without colors.
  @Test func aTerminalGetsColors() throws {
    let error = try Self.onTerminal(["rnu"])
    #expect(error.hasPrefix("\u{1B}[1;31mchartmill:\u{1B}[0m unknown command 'rnu'"), "\(error)")
    #expect(try Self.plain(error) == ChartmillProcess.run("rnu").errors)

    let dates = try TwoCharts()
    let shown = try Self.onTerminal(dates.compare)
    #expect(shown.contains("\u{1B}[32mup 1\u{1B}[0m"), "\(shown)")
    #expect(shown.contains("\u{1B}[35mdown 1\u{1B}[0m"))
    #expect(shown.contains("\u{1B}[1mrank\u{1B}[0m"))
    #expect(try Self.plain(shown) == ChartmillProcess.run(dates.compare).output)
    #expect(try Self.onTerminal(dates.compare + ["--color", "never"]) == Self.plain(shown))
    let warned = try Self.onTerminal(dates.run)
    #expect(warned.hasPrefix("chartmill: \u{1B}[1;33mwarning:\u{1B}[0m no log for "), "\(warned)")
  }

  @Test(arguments: [
    (["NO_COLOR": "1"], false), (["NO_COLOR": "0"], false), (["NO_COLOR": ""], true),
    (["TERM": "dumb"], false), (["TERM": ""], false), (["TERM": "xterm-256color"], true),
  ])
  func environmentVariablesTurnColorsOnOrOff(_ variables: [String: String], _ colors: Bool) throws {
    let dates = try TwoCharts()
    #expect(try Self.isColored(Self.onTerminal(dates.compare, variables)) == colors)
    #expect(try Self.isColored(Self.onTerminal(["rnu"], variables)) == colors)
    // The flag takes precedence over the environment.
    #expect(
      try Self.isColored(Self.onTerminal(dates.compare + ["--color", "always"], variables)))
  }

  @Test func aFileGetsNoColors() throws {
    let dates = try TwoCharts()
    #expect(try !Self.isColored(ChartmillProcess.run(dates.compare).output))
    #expect(try !Self.isColored(ChartmillProcess.run(dates.compare + ["--color", "auto"]).output))
    let always = try ChartmillProcess.run(dates.compare + ["--color", "always"])
    #expect(Self.isColored(always.output))
    #expect(try Self.plain(always.output) == ChartmillProcess.run(dates.compare).output)
    let missing = ["show", "--charts", "missing", "--user", "1"]
    #expect(try !Self.isColored(ChartmillProcess.run(missing).errors))
    #expect(
      try ChartmillProcess.run(missing + ["--color=always"]).errors
        .hasPrefix("\u{1B}[1;31mchartmill:\u{1B}[0m "))
    // JSON is for programs and has no colors.
    #expect(
      try !Self.isColored(
        ChartmillProcess.run(dates.compare + ["--json", "--color", "always"]).output))
  }
}

/// Charts of two dates. Two songs change places between them.
private final class TwoCharts {
  private let logs: LogBook
  private let out: TemporaryFolder
  let compare: [String]
  /// The arguments of a run that gives a warning.
  let run: [String]

  init() throws {
    logs = try LogBook()
    out = try TemporaryFolder()
    for (day, rows) in [
      ("20260704", "1|1|FR\n1|1|FR\n2|1|FR\n"), ("20260705", "2|1|FR\n2|1|FR\n1|1|FR\n"),
    ] {
      try logs.add(rows, day: day)
      try #require(try logs.run("--days", "1", "--date", day, out: out).status == 0)
    }
    compare = ["compare", "--charts", out.path, "20260704", "20260705"]
    run = ["run", "--logs", logs.path, "--out", out.path + "/again", "--quiet"]
  }
}
