internal import Synchronization

/// The first error of several workers; the others see that there is one and stop.
package final class FirstFailure: Sendable {
  private let stored = Locked<(any Error)?>(nil)
  private let isSet = Atomic<Bool>(false)

  package init() {}

  package var error: (any Error)? { stored.withLock { $0 } }

  /// True once a worker failed. Cheap: asked for every chunk.
  package var hasFailed: Bool { isSet.load(ordering: .relaxed) }

  /// Runs `body`; its error is kept, if it is the first.
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
