internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// `chartmill state`: what a state folder holds.
package struct StateFolder {
  private let path: String
  private let store: RollupStore

  /// Opens the folder, which must exist. A run may be writing in it. Throws `SystemError`.
  package init(_ path: String) throws {
    self.path = path
    store = try RollupStore(reading: path)
  }

  /// A kept rollup as a person would list it.
  package struct Entry: Sendable {
    package let day: Day
    package let path: String
    /// Nil when the file is not a whole rollup of this version.
    package let facts: Facts?
    /// What is wrong with it; nil when nothing was found.
    package let problem: String?
  }

  package struct Facts: Sendable {
    package let byteCount: Int
    package let accepted: Int
    package let rejected: Int
    package let partitions: Int
    package let rules: String
    package let logs: Int
    /// The first few of them.
    package let sources: [String]
  }

  /// Logs that a listing names.
  private static let maxSources = 3

  /// All rollups by day. With `checks`, reads and decodes every run of each: time linear in its
  /// size, memory some hundred KiB.
  package func entries(checks: Bool) throws -> [Entry] {
    var entries: [Entry] = []
    for day in try store.days() {
      try StopRequest.check()
      let path = store.path(of: day)
      guard let (kept, found) = try store.open(day), let record = found else {
        // A run may have dropped it meanwhile.
        guard try store.contains(day) else { continue }
        entries.append(
          Entry(day: day, path: path, facts: nil, problem: "not a complete rollup of this version"))
        continue
      }
      var sources: [String] = []
      let isSound = try kept.forEachLog(store.deflate) { log in
        if sources.count < Self.maxSources { sources.append(log.input.name) }
      }
      let facts = Facts(
        byteCount: kept.byteCount, accepted: record.accepted, rejected: record.rejected,
        partitions: record.partitions, rules: record.rules, logs: record.logs, sources: sources)
      var problem = isSound ? nil : "its list of logs is damaged"
      if checks, isSound { problem = try SpillCheck.problem(of: kept, record) }
      entries.append(Entry(day: day, path: path, facts: facts, problem: problem))
    }
    return entries
  }

  /// Removes the rollups of days further back than `keepDays` from the newest that can be read;
  /// returns their days. What is not a rollup, or is dated after `latest`, decides nothing.
  ///
  /// Takes the folder as a run does. Throws `FolderLocked`.
  package func prune(
    keepDays: Int, waits: Bool, latest: Day? = nil
  ) throws -> [Day] {
    let store = try RollupStore(folder: path, waits: waits)
    guard let newest = try store.newestWhole(notAfter: latest ?? Day.today()?.advanced(by: 1))
    else {
      return []
    }
    return try store.prune(before: newest.advanced(by: 1 - keepDays))
  }
}
