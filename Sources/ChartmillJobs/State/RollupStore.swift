internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// The folder of kept day rollups. One process at a time writes in it.
package final class RollupStore {
  private let folder: Folder
  /// Nil of one who only reads: each rollup is complete at any moment.
  private let lock: FolderLock?
  private let pool = FilePool()
  let deflate = Deflate()

  /// Makes the folder (0700) if it is missing, locks it, and removes what dead runs left in it.
  ///
  /// Throws `FolderLocked` when another run has the folder and `waits` is false.
  init(folder path: String, waits: Bool) throws {
    folder = try Folder.openOrCreate(path, mode: 0o700)
    lock = try FolderLock(folder, waits: waits)
    try TemporaryName.sweep(folder)
  }

  /// Opens a folder that exists, to read in it while another run may write.
  ///
  /// - Throws: `SystemError`.
  init(reading path: String) throws {
    folder = try Folder.open(path)
    lock = nil
  }

  /// Until another run left the folder.
  var waitedSeconds: Double { lock?.waitedSeconds ?? 0 }

  func isFolder(_ path: String) throws -> Bool {
    try folder.isSame(as: path)
  }

  /// What a window takes from the store.
  func keptDays(endingWith end: WindowEnd) throws -> KeptDays {
    KeptDays(
      folder: folder.path, days: try days(),
      newest: end.date == nil ? try newestWhole(notAfter: end.latest) : nil)
  }

  /// The days there are rollups of, usable or not, ascending.
  func days() throws -> [Day] {
    try folder.names().compactMap(KeptRollup.day(ofName:)).sorted()
  }

  /// The newest day, not later than `limit`, whose rollup is a complete one: a stray name does not
  /// move a window.
  func newestWhole(notAfter limit: Day? = nil) throws -> Day? {
    for day in try days().reversed() where day <= limit ?? day {
      if try open(day) != nil { return day }
    }
    return nil
  }

  func path(of day: Day) -> String { folder.path(of: KeptRollup.name(of: day)) }

  /// The day's rollup and its record; nil when there is none, or it is not complete, or its record
  /// cannot be read. There is no record when another version made the rollup.
  func open(_ day: Day) throws -> (kept: KeptRollup, record: RollupRecord?)? {
    return try KeptRollup.open(path(of: day), day: day, deflate: deflate, pool: pool)
  }

  func contains(_ day: Day) throws -> Bool {
    try folder.status(of: KeptRollup.name(of: day)) != nil
  }

  /// Joins a day's spill files into its rollup, which appears complete, by rename after fsync, in
  /// place of an older one.
  ///
  /// - Parameter forEachLog: gives the logs in the order of their names; called once.
  func publish(
    _ spills: [SpillFile], _ record: RollupRecord,
    forEachLog: ((RollupLogRecord) throws -> Void) throws -> Void
  ) throws -> KeptRollup {
    let staged = try StagedFile(KeptRollup.name(of: record.day), in: folder, mode: 0o600)
    let end = try SpillFile.concatenate(spills, into: staged.file)
    try KeptRollup.finish(staged.file, end: end, record, forEachLog: forEachLog)
    try staged.publish()
    guard let kept = try open(record.day)?.kept else {
      throw SpillError.corrupt(path: path(of: record.day), offset: 0)
    }
    return kept
  }

  /// Removes the rollups of days before `first`; returns their days.
  func prune(before first: Day) throws -> [Day] {
    let gone = try days().filter { $0 < first }
    for day in gone { try remove(day) }
    return gone
  }

  func remove(_ day: Day) throws {
    try folder.unlink(KeptRollup.name(of: day))
    try folder.synchronize()
  }
}
