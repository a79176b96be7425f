internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// The state folder, which holds the kept day rollups. Only one process at a time writes to it.
package final class RollupStore: KeptRollups {
  private let folder: Folder
  /// Nil for a reader, which needs no lock because every rollup is complete at any time.
  private let lock: FolderLock?
  private let pool = FilePool()
  let deflate = Deflate()

  /// Creates the folder (mode 0700) if it is missing, locks it, and removes the temporary files of
  /// dead processes.
  ///
  /// - Throws: `FolderLocked` if another process has locked the folder and `waits` is false;
  ///   `Interrupted`; `SystemError`.
  init(folder path: String, waits: Bool) throws {
    folder = try Folder.openOrCreate(path, mode: 0o700)
    lock = try FolderLock(folder, waits: waits)
    try TemporaryName.sweep(folder)
  }

  /// Opens an existing folder for reading. Another process may write to it at the same time.
  ///
  /// - Throws: `SystemError`.
  init(reading path: String) throws {
    folder = try Folder.open(path)
    lock = nil
  }

  /// Opens a folder for reading; nil if it does not exist yet.
  ///
  /// - Throws: `SystemError`.
  static func existing(_ path: String) throws -> RollupStore? {
    do {
      return try RollupStore(reading: path)
    } catch let error as SystemError where error.errno == ENOENT {
      return nil
    }
  }

  /// The seconds that `init` waited for the lock.
  var waitedSeconds: Double { lock?.waitedSeconds ?? 0 }

  /// Whether `path` names this folder.
  func isFolder(_ path: String) throws -> Bool {
    try folder.isSame(as: path)
  }

  /// The kept days for a window.
  func keptDays(endingWith end: WindowEnd) throws -> KeptDays {
    KeptDays(
      folder: folder.path, days: try days(),
      newest: end.date == nil ? try newestComplete(notAfter: end.latest) : nil)
  }

  /// The days that have rollups, usable or not, ascending.
  func days() throws -> [Day] {
    try folder.names().compactMap(KeptRollup.day(ofName:)).sorted()
  }

  /// The newest day up to `limit` whose rollup is complete. A stray file with the name of a rollup
  /// does not count, so it does not move a window.
  func newestComplete(notAfter limit: Day? = nil) throws -> Day? {
    for day in try days().reversed() where day <= limit ?? day {
      if try open(day) != nil { return day }
    }
    return nil
  }

  /// Examines the rollup of a day, and compares the logs that it was made from with those of `day`.
  ///
  /// Time: a few dozen microseconds per log of the day.
  func find(_ day: DayLogs, partitions: Int, _ rules: RowRules) throws -> FoundRollup? {
    // Standard input replaces the rollup, because they cannot be compared until standard input is
    // read.
    if day.isStandardInput { return nil }
    guard try contains(day.day) else { return nil }
    guard let (kept, found) = try open(day.day) else { return .unusable(.damaged) }
    guard let record = found else { return .unusable(.otherFormat) }
    if record.partitions != partitions { return .unusable(.otherPartitions) }
    if record.rules != rules.identity { return .unusable(.otherRules) }
    var wasStandardInput = true
    let isOfTheLogs = try kept.isOf(day.files, deflate) { log in
      wasStandardInput = wasStandardInput && log.source.isStandardInput
    }
    guard let isOfTheLogs else { return .unusable(.damaged) }
    if day.files.isEmpty {
      return .usable(rollup: kept, notice: wasStandardInput ? nil : .logGone)
    }
    return isOfTheLogs ? .usable(rollup: kept, notice: nil) : .unusable(.logChanged)
  }

  func path(of day: Day) -> String { folder.path(of: KeptRollup.name(of: day)) }

  /// Opens the rollup of a day. Returns nil if there is none, if it is not complete, or if its
  /// record cannot be read. `record` is nil if another version of Chartmill made the rollup.
  func open(_ day: Day) throws -> (kept: KeptRollup, record: RollupRecord?)? {
    try KeptRollup.open(path(of: day), day: day, deflate: deflate, pool: pool)
  }

  /// Whether a file with the name of the day's rollup exists.
  func contains(_ day: Day) throws -> Bool {
    try folder.status(of: KeptRollup.name(of: day)) != nil
  }

  /// Joins the spill files of a day into its rollup, and publishes it atomically: by a rename after
  /// fsync, which replaces an older rollup.
  ///
  /// - Parameter forEachLog: called once; calls its argument with each log, ordered by name.
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

  /// The days before `first` that have rollups.
  func days(before first: Day) throws -> [Day] {
    try days().filter { $0 < first }
  }

  /// Removes the rollups of all days before `first`, and returns these days.
  func prune(before first: Day) throws -> [Day] {
    let gone = try days(before: first)
    for day in gone { try remove(day) }
    return gone
  }

  func remove(_ day: Day) throws {
    try folder.unlink(KeptRollup.name(of: day))
    try folder.synchronize()
  }
}
