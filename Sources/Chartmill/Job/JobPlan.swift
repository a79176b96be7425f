/// What a run would do: its window, its memory, and about how much disk it needs. Found out from
/// the names and sizes of the logs; of their content only the first two bytes are read.
///
/// Time and memory grow with the number of logs, not with their size.
public struct JobPlan: Sendable {
  public struct Log: Sendable, Equatable {
    public let name: String
    public let byteCount: Int
    /// By its first bytes, as a run decides it.
    public let isGzip: Bool
  }

  public struct DayPlan: Sendable, Equatable {
    public let day: Day
    public let logs: [Log]
    public var byteCount: Int { logs.reduce(0) { $0 + $1.byteCount } }
  }

  public let first: Day
  public let last: Day
  /// Days that have logs, ascending.
  public let days: [DayPlan]
  public let missing: [Day]
  /// Logs of other days, by name.
  public let outsideWindow: [String]
  /// What else is in the folder of logs and not hidden, by name.
  public let otherNames: [String]

  public let memory: MemoryPlan
  public let top: Int
  public let countries: Int

  /// The folders that a run writes in; none when the configuration names none.
  public let disks: [DiskNeed]

  /// Looks at the logs, and at the file systems of the output and spill folders.
  ///
  /// - Throws: what a run would for the same window and memory; `JobError.output` for a folder to
  ///   write in that cannot be looked at.
  public init(_ configuration: JobConfiguration) throws(JobError) {
    let window = try Window.resolve(configuration)
    first = window.first
    last = window.last
    missing = window.missing
    outsideWindow = window.ignored.map(\.name)
    var days: [DayPlan] = []
    for day in window.days { days.append(try DayPlan(day)) }
    self.days = days
    otherNames = try Self.otherNames(configuration.source)
    memory = try MemoryPlan(
      configuration: configuration,
      scheme: PartitionScheme(partitions: configuration.partitions))
    top = configuration.top
    countries = configuration.countries.count
    let estimate = DiskEstimate(
      days, rowsPerSegment: memory.rowsPerSegment,
      encoding: configuration.encoding)
    self.estimate = estimate
    disks = try DiskNeed.of(estimate, configuration)
  }

  private let estimate: DiskEstimate

  /// Of all logs, as they are stored.
  public var byteCount: Int { days.reduce(0) { $0 + $1.byteCount } }
  /// About how many rows the logs hold.
  public var rows: Int { estimate.rows }
  /// About the bytes of all spill files.
  public var spillBytes: Int { estimate.spillBytes }
  public var spillBytesPerRow: Double { estimate.spillBytesPerRow }
  /// About the bytes of the published files.
  public var outputBytes: Int { estimate.outputBytes }
  /// About how many segments are written; each brings a run to each partition.
  public var segments: Int { memory.workers + estimate.rows / max(1, memory.rowsPerSegment) }

  private static func otherNames(_ source: LogSource) throws(JobError) -> [String] {
    guard case .folder(let path) = source else { return [] }
    do {
      return try Folder.open(path).names()
        .filter { LogName.day(of: $0) == nil && !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .input(error)
    }
  }
}

extension JobPlan.DayPlan {
  init(_ day: DayLogs) throws(JobError) {
    var logs: [JobPlan.Log] = []
    for log in day.files {
      logs.append(
        JobPlan.Log(name: log.name, byteCount: log.byteCount, isGzip: try Self.isGzip(log)))
    }
    self.init(day: day.day, logs: logs)
  }

  private static func isGzip(_ log: LogFile) throws(JobError) -> Bool {
    // Nobody can look at it twice; its size is not known either, so the name does.
    if log.isStandardInput { return log.isGzip }
    do {
      let file = try File.open(reading: log.path)
      return try withUnsafeTemporaryAllocation(byteCount: 2, alignment: 1) { magic in
        Result { () throws(SystemError) in
          try file.read(into: magic, at: 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b
        }
      }.get()
    } catch {
      throw .input(error)
    }
  }
}
