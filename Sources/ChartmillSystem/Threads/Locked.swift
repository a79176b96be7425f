/// A value that threads take in turn, as `Synchronization.Mutex` is.
///
/// That one is a futex inside the standard library, where the thread sanitizer does not see it: it
/// reports each use as a race. The mutex of pthread it knows.
package final class Locked<Value>: @unchecked Sendable {
  // Unchecked: `value` is touched under the monitor only, and what comes in is sent.
  private let monitor = Monitor()
  private var value: Value

  package init(_ value: sending Value) {
    self.value = value
  }

  package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result)
    throws(Failure) -> Result
  {
    monitor.lock()
    defer { monitor.unlock() }
    return try body(&value)
  }
}
