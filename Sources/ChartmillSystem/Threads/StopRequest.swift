internal import Glibc
internal import Synchronization

/// Handles SIGINT and SIGTERM. Workers check for them between pieces of work. After a signal, a job
/// ends with `Interrupted` within about a second, and removes its unfinished files.
package enum StopRequest {
  private static let signal = Atomic<Int32>(0)

  /// From now on, records the first of each of the two signals. A second one ends the process at
  /// once. A signal that is ignored, as `nohup` or a shell's `&` arranges, stays ignored.
  package static func listen() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      unsafe sigaction(number, nil, &action)
      let ignores = unsafe unsafeBitCast(SIG_IGN, to: UInt.self)
      if unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self) == ignores {
        continue
      }
      action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = {
        StopRequest.signal.store($0, ordering: .relaxed)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      unsafe sigaction(number, &action, nil)
    }
    // A parent may have started this process with the signals blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether a signal came.
  package static var isMade: Bool { signal.load(ordering: .relaxed) != 0 }

  /// Checks for a signal. Costs one relaxed atomic load.
  ///
  /// - Throws: `Interrupted` if a signal came.
  @inline(__always)
  package static func check() throws {
    let number = signal.load(ordering: .relaxed)
    if number != 0 { throw Interrupted(signal: number) }
  }
}
