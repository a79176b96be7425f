import Foundation
import Glibc

/// A child process that a test can limit, measure, signal and kill. Every wait has a time limit.
///
/// A child that is still running when this object is released is killed.
final class ChildProcess {
  struct Outcome {
    /// The exit status. After a death by signal it is 128 + the signal's number, as in a shell.
    let status: Int32
    let output: String
    let errors: String
    /// Wall time from the start to the end.
    let seconds: Double
    /// The peak resident set in bytes, as the kernel reported it (VmHWM) when it was last read.
    /// `ru_maxrss` would count the parent's, which a spawned child shares until it executes.
    let peakResident: Int
    /// Whether the child was killed because it exceeded its time limit.
    let timedOut: Bool
  }

  let identifier: pid_t
  private let scratch: TemporaryFolder
  private let start = ContinuousClock.now
  private var hasEnded = false

  /// Starts the `chartmill` under test.
  convenience init(chartmill arguments: [String], shell: String? = nil) throws {
    try self.init(ChartmillProcess.binary.path, arguments, shell: shell)
  }

  /// - Parameters:
  ///   - arguments: any bytes except zero.
  ///   - shell: commands that a shell runs first, in the process that becomes the child.
  convenience init(
    _ executable: String, _ arguments: [String], environment: [String: String?] = [:],
    shell: String? = nil
  ) throws {
    try self.init(
      executable, bytes: arguments.map { Array($0.utf8) }, environment: environment, shell: shell)
  }

  init(
    _ executable: String, bytes arguments: [[UInt8]], environment: [String: String?] = [:],
    shell: String? = nil
  ) throws {
    scratch = try TemporaryFolder()
    var words = [Array(executable.utf8)] + arguments
    if let shell {
      words =
        [Array("/bin/sh".utf8), Array("-c".utf8), Array("\(shell); exec \"$0\" \"$@\"".utf8)]
        + words
    }
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "output"), (2, "errors")] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, scratch.path(of: name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    // The process that runs the tests may ignore or block signals. The child must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    let argv: [UnsafeMutablePointer<CChar>?] = words.map(Self.copy) + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] =
      variables.map { Self.copy(Array("\($0)=\($1)".utf8)) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var child: pid_t = 0
    let program = words[0].map(CChar.init(bitPattern:)) + [0]
    let status = posix_spawn(&child, program, &actions, &attributes, argv, envp)
    guard status == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO)
    }
    identifier = child
  }

  private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    strdup(bytes.map(CChar.init(bitPattern:)) + [0])
  }

  deinit {
    if hasEnded { return }
    signal(SIGKILL)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
  }

  /// Sends a signal to the child, if it has not been waited for.
  func signal(_ number: Int32) {
    if !hasEnded { kill(identifier, number) }
  }

  /// Whether the child has not ended yet. Its exit status can still be waited for afterwards.
  var isRunning: Bool {
    if hasEnded { return false }
    var information = siginfo_t()
    let result = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT)
    return result == 0 && information.si_signo == 0
  }

  /// Waits until `condition` holds. Returns false if the child ends or the time is up first.
  func waits(seconds limit: Double = 300, until condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(limit)
    while isRunning, ContinuousClock.now < deadline {
      if try condition() { return true }
      usleep(500)
    }
    return false
  }

  /// Waits until the child has its own handler for `signal`.
  func waits(untilItCatches signal: Int32) -> Bool {
    waits { Self.catches(signal, identifier) }
  }

  /// Waits until the child reports that it is waiting for a folder that another process has locked.
  func waitsUntilItSaysThatItWaits() -> Bool {
    waits { errorsSoFar.contains("chartmill: waiting for process ") }
  }

  /// The text that the child has written to standard error so far.
  var errorsSoFar: String { (try? scratch.read("errors")) ?? "" }

  /// Wall time since the start.
  var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Waits for the end. After `seconds` the child is killed.
  func wait(seconds limit: Double = 300) -> Outcome {
    var status: Int32 = 0
    var peak = 0
    var polls = 0
    var timedOut = false
    while true {
      let ended = waitpid(identifier, &status, timedOut ? 0 : WNOHANG)
      if ended == identifier || (ended < 0 && errno != EINTR) { break }
      if ended == 0, elapsed > limit {
        timedOut = true
        signal(SIGKILL)
      }
      if polls % 4 == 0 { peak = max(peak, peakResident) }
      polls += 1
      usleep(500)
    }
    hasEnded = true
    let number = status & 0x7f
    return Outcome(
      status: number == 0 ? status >> 8 & 0xff : 128 + number,
      output: (try? scratch.read("output")) ?? "", errors: errorsSoFar, seconds: elapsed,
      peakResident: peak, timedOut: timedOut)
  }

  /// VmHWM in bytes; 0 once the process is gone.
  private var peakResident: Int {
    let value = Self.status("VmHWM", identifier) ?? ""
    return (Int(value.filter(\.isNumber)) ?? 0) << 10
  }

  /// Whether the process has its own handler for `signal`.
  static func catches(_ signal: Int32, _ process: pid_t) -> Bool {
    guard let caught = status("SigCgt", process).flatMap({ UInt64($0, radix: 16) }) else {
      return false
    }
    return caught >> (UInt64(signal) - 1) & 1 == 1
  }

  /// A value of `/proc/PROCESS/status`, without the spaces around it.
  private static func status(_ key: String, _ process: pid_t) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("\(key):") })
    else { return nil }
    return line.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces)
  }
}
