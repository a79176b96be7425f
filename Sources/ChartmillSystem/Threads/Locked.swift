/// A value that one thread at a time can access, like `Synchronization.Mutex`.
///
/// The thread sanitizer does not see the futex inside `Synchronization.Mutex` and reports each use
/// as a race. It knows the mutex of pthread, which this type uses.
package final class Locked<Value>: @unchecked Sendable {
  // Unchecked: `value` is accessed only while the monitor is locked, and its initial value is sent.
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
