internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The contents of a state folder, for `chartmill state`.
package struct StateFolder {
  private let path: String
  private let store: RollupStore

  /// Opens an existing folder. Another process may write to it.
  ///
  /// - Throws: `SystemError`.
  package init(_ path: String) throws {
    self.path = path
    store = try RollupStore(reading: path)
  }

  /// A kept rollup in the list of a state folder.
  package struct Entry: Sendable {
    package let day: Day
    package let path: String
    /// Nil if the file is not a complete rollup of this version.
    package let facts: Facts?
    /// What is wrong with the rollup; nil if nothing was found.
    package let problem: String?
  }

  package struct Facts: Sendable {
    package let byteCount: Int
    package let accepted: Int
    package let rejected: Int
    package let partitions: Int
    package let rules: String
    package let logs: Int
    /// The names of the first logs.
    package let sources: [String]
  }

  /// The maximum number of logs that a list names per day.
  private static let maxSources = 3

  /// All rollups, ordered by day.
  ///
  /// - Parameter checks: reads and decodes every sorted run. Time: linear in the size of the
  ///   rollups. Memory: a few hundred KiB.
  package func entries(checks: Bool) throws -> [Entry] {
    var entries: [Entry] = []
    for day in try store.days() {
      try StopRequest.check()
      let path = store.path(of: day)
      guard let (kept, found) = try store.open(day), let record = found else {
        // Another process may have removed it.
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

  /// Keeps the rollups of the last `keepDays` days up to the newest complete rollup, removes the
  /// older ones, and returns their days.
  ///
  /// - Parameter latest: the latest date that counts as the newest; nil means tomorrow.
  /// - Throws: what `RollupStore.init(folder:waits:)` throws.
  package func prune(
    keepDays: Int, waits: Bool, latest: Day? = nil
  ) throws -> [Day] {
    let store = try RollupStore(folder: path, waits: waits)
    guard let first = try Self.firstDay(ofLast: keepDays, in: store, latest) else { return [] }
    return try store.prune(before: first)
  }

  /// The days whose rollups `prune` would remove.
  package func prunable(keepDays: Int, latest: Day? = nil) throws -> [Day] {
    guard let first = try Self.firstDay(ofLast: keepDays, in: store, latest) else { return [] }
    return try store.days(before: first)
  }

  /// The first of the `count` days up to the newest complete rollup; nil if there is none.
  private static func firstDay(
    ofLast count: Int, in store: RollupStore, _ latest: Day?
  ) throws -> Day? {
    try store.newestComplete(notAfter: latest ?? Day.today()?.advanced(by: 1))?
      .advanced(by: 1 - count)
  }
}
