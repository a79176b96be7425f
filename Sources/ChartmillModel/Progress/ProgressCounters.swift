package import Synchronization

/// Counters that workers update, and that the progress display reads.
package final class ProgressCounters: Sendable {
  package let inputBytesRead = Atomic<Int>(0)
  package let rows = Atomic<Int>(0)
  package let partitionsCharted = Atomic<Int>(0)

  package init() {}
}
