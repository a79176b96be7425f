internal import Glibc

/// A mutex with a condition variable, for threads that wait for one another.
@safe package final class Monitor: @unchecked Sendable {
  // Unchecked: threads may share pthread objects, which have a fixed address here.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe pthread_cond_destroy(condition)
    unsafe mutex.deallocate()
    unsafe condition.deallocate()
  }

  package func lock() { unsafe pthread_mutex_lock(mutex) }
  package func unlock() { unsafe pthread_mutex_unlock(mutex) }
  package func wait() { unsafe pthread_cond_wait(condition, mutex) }
  package func wakeAll() { unsafe pthread_cond_broadcast(condition) }

  /// Waits for `wakeAll`, at most `milliseconds`.
  package func wait(milliseconds: Int) {
    var deadline = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_nsec += milliseconds * 1_000_000
    deadline.tv_sec += deadline.tv_nsec / 1_000_000_000
    deadline.tv_nsec %= 1_000_000_000
    unsafe pthread_cond_timedwait(condition, mutex, &deadline)
  }

  package func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result)
    throws(Failure)
    -> Result
  {
    lock()
    defer { unlock() }
    return try body()
  }
}
