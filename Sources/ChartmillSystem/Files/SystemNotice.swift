/// What the system could not do for this process, which went on as safely as it can without.
package enum SystemNotice: Sendable, Equatable {
  /// The file system does not take fsync.
  case notSynchronized(SystemError)
  /// The file system has no locks.
  case notLocked(SystemError)
  /// The file system does not say how much space is free.
  case unknownFreeSpace(folder: String)
  /// Spill files go to a file system that lives in memory.
  case spillsInMemory(folder: String)

  /// Another process has a folder that this one waits for. `holder` is its process id, or empty.
  package struct Waiting: Sendable {
    package let path: String
    package let holder: String
    /// So far.
    package let seconds: Double
  }

  private struct State {
    /// One of each case at most.
    var notices: [SystemNotice] = []
    var onWaiting: (@Sendable (Waiting) -> Void)?
  }

  // Of the process, as its signals are: calls deep below a job have nobody else to tell.
  private static let state = Locked(State())

  /// Keeps a notice for the one who ends the process, once for each case.
  package static func add(_ notice: SystemNotice) {
    state.withLock { state in
      if !state.notices.contains(where: { $0.order == notice.order }) {
        state.notices.append(notice)
      }
    }
  }

  /// What was added so far, which is forgotten.
  package static func take() -> [SystemNotice] {
    state.withLock { state in
      defer { state.notices = [] }
      return state.notices.sorted { $0.order < $1.order }
    }
  }

  /// `handler` is called at once when a wait for a folder begins, and every ten seconds after.
  package static func onWaiting(_ handler: @escaping @Sendable (Waiting) -> Void) {
    state.withLock { $0.onWaiting = handler }
  }

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
