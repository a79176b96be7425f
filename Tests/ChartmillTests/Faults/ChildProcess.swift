import Foundation
import Glibc

/// A child that a test may limit, signal and kill by its process id. Every wait has an end.
final class ChildProcess {
  struct Outcome {
    /// 128 + the number of the signal that ended it, as in a shell.
    let status: Int32
    let output: String
    let errors: String
    let seconds: Double
    /// Bytes: the peak resident set, as it was seen last. (`ru_maxrss` would count the parent's,
    /// which a spawned child shares until it executes.)
    let peakResident: Int
    /// It had to be killed.
    let timedOut: Bool
  }

  let identifier: pid_t
  private let scratch: TemporaryFolder
  private let start = ContinuousClock.now

  /// - Parameters:
  ///   - arguments: any bytes but zero.
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
    // Whatever runs the tests may ignore signals; the child begins with none ignored or blocked.
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

  func signal(_ number: Int32) {
    kill(identifier, number)
  }

  /// Waits for the end; after `seconds` the child is killed.
  func wait(seconds limit: Double = 60) -> Outcome {
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
      if polls % 16 == 0 { peak = max(peak, peakResident) }
      polls += 1
      usleep(500)
    }
    let number = status & 0x7f
    return Outcome(
      status: number == 0 ? status >> 8 & 0xff : 128 + number,
      output: (try? scratch.read("output")) ?? "", errors: (try? scratch.read("errors")) ?? "",
      seconds: elapsed, peakResident: peak, timedOut: timedOut)
  }

  /// VmHWM; 0 when it is gone.
  private var peakResident: Int {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) << 10
  }

  private var elapsed: Double {
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
