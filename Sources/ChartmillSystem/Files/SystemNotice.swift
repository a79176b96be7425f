/// Something that the system could not do for this process, which continued without it.
package enum SystemNotice: Sendable, Equatable {
  /// The file system does not support fsync.
  case notSynchronized(SystemError)
  /// The file system has no locks.
  case notLocked(SystemError)
  /// The file system does not say how much space is free.
  case unknownFreeSpace(folder: String)
  /// The spill files are on a file system that holds files in memory.
  case spillsInMemory(folder: String)

  /// Describes the wait for a folder that another process has locked.
  package struct Waiting: Sendable {
    package let path: String
    /// The process id of the other process; empty if it is not known.
    package let holder: String
    /// The seconds waited so far.
    package let seconds: Double
  }

  private struct State {
    /// At most one of each case.
    var notices: [SystemNotice] = []
    var onWaiting: (@Sendable (Waiting) -> Void)?
  }

  // One state per process, because calls deep below a job have no other way to report a notice.
  private static let state = Locked(State())

  /// Keeps a notice until `take` is called. Only the first notice of each case is kept.
  package static func add(_ notice: SystemNotice) {
    state.withLock { state in
      if !state.notices.contains(where: { $0.order == notice.order }) {
        state.notices.append(notice)
      }
    }
  }

  /// Removes and returns the notices that were added.
  package static func take() -> [SystemNotice] {
    state.withLock { state in
      defer { state.notices = [] }
      return state.notices.sorted { $0.order < $1.order }
    }
  }

  /// Sets the handler that `tell` calls.
  package static func onWaiting(_ handler: @escaping @Sendable (Waiting) -> Void) {
    state.withLock { $0.onWaiting = handler }
  }

  /// Calls the handler of `onWaiting`.
  package static func tell(_ waiting: Waiting) {
    state.withLock(\.onWaiting)?(waiting)
  }

  private var order: Int {
    switch self {
    case .notSynchronized: 0
    case .notLocked: 1
    case .unknownFreeSpace: 2
    case .spillsInMemory: 3
    }
  }
}
