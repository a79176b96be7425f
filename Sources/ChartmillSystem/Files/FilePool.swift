internal import Glibc

/// Keeps only the most recently used files open, because a long window has one kept file per day
/// and a process may have few descriptors.
///
/// A file that leaves the pool is closed when its last reader releases it.
///
/// Memory: a few dozen bytes per open file.
package final class FilePool: Sendable {
  private struct State {
    var lastID = 0
    /// Ordered by their last use, the most recent one last.
    var open: [(id: Int, file: File)] = []
  }

  private let limit: Int
  private let state = Locked(State())

  /// - Parameter limit: the maximum number of files in the pool; at least one is kept.
  package init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// Makes a pool for half the number of descriptors that this process may have, within 4 … 256.
  package convenience init() {
    var limits = rlimit()
    let isKnown = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
    self.init(limit: isKnown ? max(4, Int(clamping: min(512, limits.rlim_cur)) / 2) : 64)
  }

  /// A new id for one file, for `file(_:open:)`.
  package func makeID() -> Int {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Returns the file `id` from the pool, or opens it. If the pool is full, the least recently used
  /// file leaves it.
  package func file(_ id: Int, open: () throws(SystemError) -> File) throws(SystemError) -> File {
    // Opening under the lock opens a file once even if several threads ask for it.
    try state.withLock { state throws(SystemError) in
      if let index = state.open.lastIndex(where: { $0.id == id }) {
        let entry = state.open.remove(at: index)
        state.open.append(entry)
        return entry.file
      }
      let file = try open()
      if state.open.count >= limit { state.open.removeFirst() }
      state.open.append((id, file))
      return file
    }
  }

  /// The file `id` if it is open.
  package func openFile(_ id: Int) -> File? {
    state.withLock { state in state.open.last { $0.id == id }?.file }
  }

  /// Removes the file `id` from the pool. It is closed when its last reader releases it.
  package func close(_ id: Int) {
    state.withLock { state in state.open.removeAll { $0.id == id } }
  }
}
