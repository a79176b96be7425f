internal import Glibc

/// Measures the monotonic time since it was created.
package struct Stopwatch: Sendable {
  private let start = Self.now()

  package init() {}

  /// The seconds so far.
  package var seconds: Double { Self.now() - start }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
