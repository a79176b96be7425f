internal import Synchronization

/// Keeps the first error of several workers, so that the others can stop.
package final class FirstFailure: Sendable {
  private let stored = Locked<(any Error)?>(nil)
  private let isSet = Atomic<Bool>(false)

  package init() {}

  package var error: (any Error)? { stored.withLock { $0 } }

  /// Whether a worker failed. Costs one relaxed atomic load.
  package var hasFailed: Bool { isSet.load(ordering: .relaxed) }

  /// Runs `body`, and keeps its error if it is the first.
  package func capture(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      stored.withLock { if $0 == nil { $0 = error } }
      isSet.store(true, ordering: .relaxed)
    }
  }

  package func throwIfFailed() throws {
    if let error { throw error }
  }
}
