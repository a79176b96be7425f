import Foundation
import Testing

/// A run of the binary that is watched: its peak memory as the kernel tells it from outside, and
/// signals sent to it.
final class MeasuredRun {
  let out: TemporaryFolder
  /// The largest resident set in bytes (VmHWM), read every few milliseconds while it ran.
  private(set) var peakResident = 0
  private(set) var status: Int32 = -1
  private(set) var errors = ""
  private let process = Process()
  private let scratch: TemporaryFolder
  /// Kept as long as the run.
  private let logs: TemporaryFolder

  /// Starts the run and waits for its end.
  convenience init(logs: TemporaryFolder, _ flags: [String]) throws {
    try self.init(starting: flags, logs: logs)
    waitUntilExit()
  }

  /// - Parameter shell: commands of sh(1) that run first, in the same process.
  init(
    starting flags: [String], logs: TemporaryFolder, out: TemporaryFolder? = nil,
    shell: String = ""
  ) throws {
    self.logs = logs
    self.out = try out ?? TemporaryFolder()
    scratch = try TemporaryFolder()
    try scratch.write("", to: "errors")
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "\(shell)\nexec \"$0\" \"$@\"", ChartmillProcess.binary.path, "run", "--quiet"]
      + ["--logs", logs.path, "--out", self.out.path] + flags
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: scratch.path(of: "errors")))
    // Test threads may block signals, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    try process.run()
  }

  func waitUntilExit() {
    while process.isRunning {
      sample()
      usleep(2000)
    }
    process.waitUntilExit()
    status = (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus
    errors = (try? scratch.read("errors")) ?? ""
  }

  /// Waits until `condition` holds; false when the process ended before.
  func wait(until condition: () throws -> Bool) rethrows -> Bool {
    while process.isRunning {
      if try condition() { return true }
      usleep(2000)
    }
    return false
  }

  /// Sends the signal and returns the seconds until the process ended.
  func end(by signal: Int32) -> Double {
    let start = ContinuousClock.now
    kill(process.processIdentifier, signal)
    waitUntilExit()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  func charts(day: String = LogBook.lastDay, top: Int = 50) throws -> Charts {
    try #require(status == 0, "\(errors)")
    return try Charts(in: out, day: day, top: top)
  }

  private func sample() {
    guard
      let text = try? String(
        contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
      text.hasPrefix("Name:\tchartmill\n"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = Int(line.filter(\.isNumber))
    else { return }
    peakResident = max(peakResident, kibibytes << 10)
  }
}
