internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM as a question that workers ask between pieces of work.
public enum StopRequest {
  private static let signal = Atomic<Int32>(0)

  /// From now on the two signals are noted instead of ending the process at once. One that was
  /// ignored from the start, as a shell does for what runs in the background, stays ignored.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      sigaction(number, nil, &action)
      let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
      if isIgnored { continue }
      action.__sigaction_handler.sa_handler = { StopRequest.signal.store($0, ordering: .relaxed) }
      sigaction(number, &action, nil)
    }
  }

  /// - Throws: `JobError.interrupted` once a signal came.
  @inline(__always)
  static func check() throws(JobError) {
    let number = signal.load(ordering: .relaxed)
    if number != 0 { throw .interrupted(signal: number) }
  }
}
