internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The plan of a run: its window, its memory, and an estimate of the disk space that it needs.
///
/// The plan is made from the names and sizes of the logs. Only the first two bytes of each log are
/// read, so time and memory grow only with the number of logs.
package struct JobPlan: Sendable {
  package struct Log: Sendable, Equatable {
    package let name: String
    package let byteCount: Int
    /// Whether the log begins with the magic bytes of gzip.
    package let isGzip: Bool
    /// The modification time in milliseconds since 1970; nil if a listing does not give it.
    package let modified: Int?
  }

  package struct DayPlan: Sendable, Equatable {
    package let day: Day
    package let logs: [Log]
    /// Whether a run uses the kept rollup and does not read the logs.
    package let isKept: Bool
    package var byteCount: Int { logs.saturatedSum(\.byteCount) }
  }

  package let first: Day
  package let last: Day
  /// The days that have logs or a kept rollup, ascending.
  package let days: [DayPlan]
  package let missing: [Day]
  /// The logs of other days.
  package let outsideWindow: NameExamples
  /// The other names in the folder of logs that are not hidden.
  package let otherNames: NameExamples
  /// Names that may have been meant as logs.
  package let overlooked: [OverlookedNames]

  package let memory: MemoryPlan
  /// The maximum number of workers. `memory.workers` is less if the memory is too small for all.
  package let threads: Int
  package let charts: ChartOptions
  package var top: Int { charts.top }
  package let countries: Int
  package let partitions: Int
  /// `RowRules.identity` of the rules that rows are accepted by.
  package let rules: String
  /// What there is to report about kept rollups.
  package let notices: [RollupNotice]
  /// The days whose rollups a distributed job removes when it is done, ascending.
  package let obsoleteDays: [Day]

  /// The limit for the size of all spill files, in bytes. If it is set, a run does not check the
  /// disk.
  package let spillLimit: Int?
  /// The memory of the machine in bytes; nil if it is not known.
  package let machineMemory: Int?

  /// The need of each file system that a run writes to; empty if no folder was named.
  package let disks: [DiskNeed]

  /// Makes the plan from the logs, the kept rollups, and the file systems to write to.
  ///
  /// - Parameters:
  ///   - keepsRejects: whether rejected rows go to a file.
  ///   - stored: the rollups that a distributed job keeps, in place of a state folder.
  ///   - keepDays: the number of days whose stored rollups are kept; nil keeps all.
  ///   - outputFolder: nil if it is not known yet. Its disk is then not part of the plan.
  /// - Throws: what a run throws for the same window and memory; `SystemError` if the file system
  ///   of a folder cannot be examined.
  package init(
    source: LogSource, window: WindowRules, endingWith end: WindowEnd, rows: RowRules,
    keepsRejects: Bool, charts: ChartOptions, resources: Resources, outputFolder: String?,
    stateFolder: String?, stored: StoredRollups? = nil, keepDays: Int? = nil
  ) throws {
    try source.checkApart(fromOutput: outputFolder, state: stateFolder)
    let store = try stateFolder.flatMap(RollupStore.existing)
    if let outputFolder, let store, try store.isFolder(outputFolder) {
      throw PublicationError.stateIsOutput(path: outputFolder)
    }
    let rollups: (any KeptRollups)? = stored ?? store
    let kept = source.takesKeptDays ? try rollups?.keptDays(endingWith: end) : nil
    let rules = window
    let window = try LogWindow.resolve(
      source, rules, endingWith: end, memory: resources.memory, kept: kept)
    first = window.first
    last = window.last
    missing = window.missing
    outsideWindow = window.outside
    otherNames = window.others
    overlooked = window.overlooked
    let surveyed = try SurveyedDay.survey(
      window.days, in: rollups, partitions: resources.partitions, rows)
    let days = try surveyed.map { try DayPlan($0.logs, isKept: $0.isKept) }
    notices = surveyed.compactMap(\.notice)
    obsoleteDays =
      keepDays.flatMap { keepDays in
        stored?.days(before: window.last.advanced(by: 1 - max(keepDays, rules.days)))
      } ?? []
    let keptRows = surveyed.saturatedSum { $0.kept?.accepted ?? 0 }
    keptSegments = surveyed.saturatedSum { $0.kept?.segments ?? 0 }
    self.days = days
    spillLimit = resources.spills.limit
    machineMemory = ProcessMemory.ofMachine
    let folders = JobFolders(
      output: outputFolder, state: stateFolder,
      spills: resources.spills.folder ?? outputFolder ?? stateFolder)
    folders.noteSpillsInMemory()
    memory = try MemoryPlan(
      memory: resources.memory, threads: resources.threads,
      scheme: PartitionScheme(partitions: resources.partitions), charts: charts,
      countries: rows.countries.count, keepsRejects: keepsRejects,
      keepsRollups: stateFolder != nil, days: surveyed)
    threads = resources.threads
    self.charts = charts
    countries = rows.countries.count
    partitions = resources.partitions
    self.rules = rows.identity
    let estimate = DiskEstimate(
      days.filter { !$0.isKept }, keptRows: keptRows, rowsPerSegment: memory.rowsPerSegment,
      encoding: charts.encoding)
    self.estimate = estimate
    disks = try DiskNeed.of(estimate, folders)
  }

  private let estimate: DiskEstimate
  private let keptSegments: Int

  /// Fails like a run that would not start, because its memory cannot be mapped or because a disk
  /// has too little space. Mapped memory takes no memory until it is used.
  ///
  /// - Throws: `SystemError` (`mmap`), `DiskTooSmall`.
  package func checkFit() throws {
    _ = try memory.makeArenas()
    if spillLimit == nil { try disks.check() }
  }

  /// The stored size of all logs that are read.
  package var byteCount: Int { days.filter { !$0.isKept }.saturatedSum(\.byteCount) }
  /// The estimated number of rows in the logs that are read.
  package var rows: Int { estimate.rows }
  /// The estimated size of all spill files.
  package var spillBytes: Int { estimate.spillBytes }
  package var spillBytesPerRow: Double { estimate.spillBytesPerRow }
  /// The estimated size of the published files.
  package var outputBytes: Int { estimate.outputBytes }
  /// The estimated number of segments that are written; 0 if no byte of a log is read.
  package var segments: Int {
    if byteCount == 0 { return 0 }
    return memory.workers.addingSaturated(estimate.rows / max(1, memory.rowsPerSegment))
  }
  /// The estimated number of sorted runs of a partition: one per segment, those of kept rollups
  /// included.
  package var sortedRuns: Int { segments.addingSaturated(keptSegments) }
}

extension JobPlan.DayPlan {
  init(_ day: DayLogs, isKept: Bool = false) throws {
    var logs: [JobPlan.Log] = []
    for log in day.files {
      logs.append(
        JobPlan.Log(
          name: log.name, byteCount: log.byteCount, isGzip: try Self.isGzip(log),
          modified: log.modifiedMilliseconds))
    }
    self.init(day: day.day, logs: logs, isKept: isKept)
  }

  private static func isGzip(_ log: LogFile) throws -> Bool {
    // Standard input can be read only once, and a listed log not at all, so the name decides.
    if log.isStandardInput || log.isListed { return log.isGzip }
    let file = try File.open(reading: log.path)
    return try unsafe withUnsafeTemporaryAllocation(byteCount: 2, alignment: 1) { magic in
      try unsafe file.read(into: magic, at: 0) == 2 && (magic[0], magic[1]) == GzipHeader.magic
    }
  }
}
