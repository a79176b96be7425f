internal import Synchronization

/// What workers count while they work, for whoever watches.
final class ProgressCounters: Sendable {
  let inputBytesRead = Atomic<Int>(0)
  let rows = Atomic<Int>(0)
  let partitionsCharted = Atomic<Int>(0)
}
