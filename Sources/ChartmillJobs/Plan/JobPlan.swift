internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// What a run would do: its window, its memory, and about how much disk it needs. Found out from
/// the names and sizes of the logs; of their content only the first two bytes are read.
///
/// Time and memory grow with the number of logs, not with their size.
package struct JobPlan: Sendable {
  package struct Log: Sendable, Equatable {
    package let name: String
    package let byteCount: Int
    /// By its first bytes, as a run decides it.
    package let isGzip: Bool
  }

  package struct DayPlan: Sendable, Equatable {
    package let day: Day
    package let logs: [Log]
    /// A run takes its kept rollup and does not read the logs.
    package let isKept: Bool
    package var byteCount: Int { logs.saturatedSum(\.byteCount) }
  }

  package let first: Day
  package let last: Day
  /// Days that have logs, ascending.
  package let days: [DayPlan]
  package let missing: [Day]
  /// Logs of other days.
  package let outsideWindow: NameExamples
  /// What else is in the folder of logs and not hidden.
  package let otherNames: NameExamples
  /// What may have been meant as logs.
  package let overlooked: [OverlookedNames]

  package let memory: MemoryPlan
  package let top: Int
  package let countries: Int

  /// Bound of the spill files, with which a run does not check the disk.
  package let spillLimit: Int?
  /// The memory of the machine in bytes; nil when it does not say.
  package let machineMemory: Int?

  /// The folders that a run writes in; none if none was named.
  package let disks: [DiskNeed]

  /// Looks at the logs, at the kept rollups, and at the file systems of the folders to write in.
  ///
  /// - Parameters:
  ///   - keepsRejects: whether rejected rows go to a file.
  ///   - outputFolder: nil if it is not known yet; its disk is not looked at then.
  /// - Throws: what a run would for the same window and memory; `SystemError` for a folder to
  ///   write in that cannot be looked at.
  package init(
    source: LogSource, window: WindowRules, endingWith end: WindowEnd, rows: RowRules,
    keepsRejects: Bool, charts: ChartOptions, resources: Resources, outputFolder: String?,
    stateFolder: String?
  ) throws {
    let store = try stateFolder.flatMap(Self.store)
    if let outputFolder, let store, try store.isFolder(outputFolder) {
      throw PublicationError.stateIsOutput(path: outputFolder)
    }
    let kept = source.takesKeptDays ? try store?.keptDays(endingWith: end) : nil
    let window = try LogWindow.resolve(
      source, window, endingWith: end, memory: resources.memory, kept: kept)
    first = window.first
    last = window.last
    missing = window.missing
    outsideWindow = window.outside
    otherNames = window.others
    overlooked = window.overlooked
    let surveyed = try SurveyedDay.survey(
      window.days, in: store, partitions: resources.partitions, rows)
    var days: [DayPlan] = []
    for day in surveyed { days.append(try DayPlan(day.logs, isKept: day.kept != nil)) }
    let keptRows = surveyed.saturatedSum { $0.kept?.accepted ?? 0 }
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
    top = charts.top
    countries = rows.countries.count
    let estimate = DiskEstimate(
      days.filter { !$0.isKept }, keptRows: keptRows, rowsPerSegment: memory.rowsPerSegment,
      encoding: charts.encoding)
    self.estimate = estimate
    disks = try DiskNeed.of(estimate, folders)
  }

  private let estimate: DiskEstimate

  /// Nil if there is no such folder yet.
  private static func store(reading folder: String) throws -> RollupStore? {
    do {
      return try RollupStore(reading: folder)
    } catch let error as SystemError where error.errno == ENOENT {
      return nil
    }
  }

  /// Bytes of all logs that are read, as they are stored.
  package var byteCount: Int { days.filter { !$0.isKept }.saturatedSum(\.byteCount) }
  /// About how many rows the logs that are read hold.
  package var rows: Int { estimate.rows }
  /// About the bytes of all spill files.
  package var spillBytes: Int { estimate.spillBytes }
  package var spillBytesPerRow: Double { estimate.spillBytesPerRow }
  /// About the bytes of the published files.
  package var outputBytes: Int { estimate.outputBytes }
  /// About how many segments are written; each brings a run to each partition.
  package var segments: Int {
    memory.workers.addingSaturated(estimate.rows / max(1, memory.rowsPerSegment))
  }
}

extension JobPlan.DayPlan {
  init(_ day: DayLogs, isKept: Bool = false) throws {
    var logs: [JobPlan.Log] = []
    for log in day.files {
      logs.append(
        JobPlan.Log(name: log.name, byteCount: log.byteCount, isGzip: try Self.isGzip(log)))
    }
    self.init(day: day.day, logs: logs, isKept: isKept)
  }

  private static func isGzip(_ log: LogFile) throws -> Bool {
    // Nobody can look at it twice; its size is not known either, so the name does.
    if log.isStandardInput { return log.isGzip }
    let file = try File.open(reading: log.path)
    return try unsafe withUnsafeTemporaryAllocation(byteCount: 2, alignment: 1) { magic in
      try unsafe file.read(into: magic, at: 0) == 2 && (magic[0], magic[1]) == GzipHeader.magic
    }
  }
}
