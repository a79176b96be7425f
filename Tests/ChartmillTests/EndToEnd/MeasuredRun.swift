import Foundation
import Testing

/// A `chartmill run` whose memory the kernel measures, and which a test can stop.
final class MeasuredRun {
  let out: TemporaryFolder
  let child: ChildProcess
  private(set) var outcome: ChildProcess.Outcome?
  /// Keeps the logs until the run has ended.
  private let logs: TemporaryFolder

  /// Starts the run and waits for its end.
  convenience init(logs: TemporaryFolder, _ flags: [String]) throws {
    try self.init(starting: flags, logs: logs)
    waitUntilExit()
  }

  /// - Parameter shell: commands of sh(1) that run first, in the same process.
  init(
    starting flags: [String], logs: TemporaryFolder, out: TemporaryFolder? = nil,
    shell: String? = nil
  ) throws {
    self.logs = logs
    self.out = try out ?? TemporaryFolder()
    child = try ChildProcess(
      chartmill: ["run", "--quiet", "--logs", logs.path, "--out", self.out.path] + flags,
      shell: shell)
  }

  var status: Int32 { outcome?.status ?? -1 }
  var errors: String { outcome?.errors ?? "" }
  /// The peak resident set, in bytes.
  var peakResident: Int { outcome?.peakResident ?? 0 }

  func waitUntilExit() {
    outcome = child.wait(seconds: 3600)
  }

  /// Waits until `condition` holds. Returns false if the run ends first.
  func waits(until condition: () throws -> Bool) rethrows -> Bool {
    try child.waits(until: condition)
  }

  /// Sends the signal and returns the seconds until the process ended.
  func end(by signal: Int32) -> Double {
    let start = ContinuousClock.now
    child.signal(signal)
    waitUntilExit()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  func charts(day: String = LogBook.lastDay, top: Int = 50) throws -> Charts {
    try #require(status == 0, "\(errors)")
    return try Charts(in: out, day: day, top: top)
  }
}
