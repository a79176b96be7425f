internal import Glibc

/// Runs the same work on several threads and waits for all of them.
package enum Workers {
  /// The stack of a thread. The deepest call chain needs a few dozen KiB, and only touched pages
  /// become resident.
  private static let stackBytes = 512 << 10

  private final class Start {
    let index: Int
    let body: @Sendable (Int) -> Void
    let finished: @Sendable () -> Void

    init(
      index: Int, body: @escaping @Sendable (Int) -> Void, finished: @escaping @Sendable () -> Void
    ) {
      self.index = index
      self.body = body
      self.finished = finished
    }
  }

  private final class Countdown: @unchecked Sendable {
    // Unchecked: `left` is accessed only while the monitor is locked.
    let monitor = Monitor()
    var left: Int

    init(_ count: Int) { left = count }
  }

  /// Calls `body` with each index from 0 to `count` − 1 on its own thread, and calls `whileWaiting`
  /// on this thread about five times a second until all are finished.
  ///
  /// - Throws: `SystemError` (`pthread_create`) if a thread cannot be made, after the threads that
  ///   were made have finished.
  package static func run(
    _ count: Int, whileWaiting: () -> Void = {}, _ body: @escaping @Sendable (Int) -> Void
  ) throws(SystemError) {
    let countdown = Countdown(count)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    defer { unsafe pthread_attr_destroy(&attributes) }

    var threads: [pthread_t] = []
    var failure: SystemError?
    for index in 0..<count {
      let start = Start(index: index, body: body) {
        countdown.monitor.withLock {
          countdown.left -= 1
          countdown.monitor.wakeAll()
        }
      }
      var thread: pthread_t = 0
      let argument = unsafe Unmanaged.passRetained(start).toOpaque()
      let status = unsafe pthread_create(
        &thread, &attributes,
        { argument in
          guard let argument = unsafe argument else { return nil }
          let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
          start.body(start.index)
          start.finished()
          return nil
        }, unsafe argument)
      if status == 0 {
        threads.append(thread)
      } else {
        unsafe Unmanaged<Start>.fromOpaque(argument).release()
        failure = SystemError("pthread_create", "worker \(index)", .writing, errno: status)
        countdown.monitor.withLock { countdown.left -= count - index }
        break
      }
    }
    countdown.monitor.lock()
    while countdown.left > 0 {
      countdown.monitor.wait(milliseconds: 200)
      countdown.monitor.unlock()
      whileWaiting()
      countdown.monitor.lock()
    }
    countdown.monitor.unlock()
    for thread in threads { pthread_join(thread, nil) }
    if let failure { throw failure }
  }
}
