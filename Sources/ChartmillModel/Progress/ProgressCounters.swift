package import Synchronization

/// What workers count while they work, for whoever watches.
package final class ProgressCounters: Sendable {
  package let inputBytesRead = Atomic<Int>(0)
  package let rows = Atomic<Int>(0)
  package let partitionsCharted = Atomic<Int>(0)

  package init() {}
}
