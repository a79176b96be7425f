internal import Glibc

/// Files that are read again and again, of which only the most recently used are open.
///
/// A long window has one kept file per day, and a process may have few descriptors. A file that is
/// in use stays open until its reader lets go of it, also when the pool has closed it meanwhile.
///
/// Memory: some dozen bytes for each open file.
package final class FilePool: Sendable {
  private struct State {
    var lastID = 0
    /// The most recently used last.
    var open: [(id: Int, file: File)] = []
  }

  private let limit: Int
  private let state = Locked(State())

  /// - Parameter limit: files that are open at once.
  package init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// Half of the descriptors that this process may have, and at most 256.
  package convenience init() {
    var limits = rlimit()
    let isKnown = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
    self.init(limit: isKnown ? max(4, Int(clamping: min(512, limits.rlim_cur)) / 2) : 64)
  }

  /// A name for one file, for `file(_:open:)`.
  package func makeID() -> Int {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// The file called `id`: the open one, or else what `open` gives, in place of the one that was
  /// used least recently.
  package func file(_ id: Int, open: () throws(SystemError) -> File) throws(SystemError) -> File {
    // Under the lock, so that a file is opened once however many threads ask for it.
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

  /// The file called `id` if it is open.
  package func openFile(_ id: Int) -> File? {
    state.withLock { state in state.open.last { $0.id == id }?.file }
  }

  /// Closes the file called `id` once nobody reads it.
  package func close(_ id: Int) {
    state.withLock { state in state.open.removeAll { $0.id == id } }
  }
}
