/// `chartmill digest`: the first phase alone, into a state folder.
public struct DigestJob: Sendable {
  private let configuration: JobConfiguration

  /// - Precondition: the configuration has a state folder; its output folder is not used.
  public init(_ configuration: JobConfiguration) {
    precondition(configuration.stateFolder != nil)
    self.configuration = configuration
  }

  /// What became of each day of the window.
  public struct Result: Sendable {
    public let digested: [Day]
    public let kept: [Day]
    public let missing: [Day]
    public let accepted: Int
    public let rejected: Int
    public let notices: [DigestNotice]
  }

  /// Digests every day of the window whose digest is not there or cannot serve.
  ///
  /// Time and memory: those of the first phase of `ChartJob`. Throws `JobError`; days that were
  /// finished before stay.
  public func run(onProgress: (Progress) -> Void) throws(JobError) -> Result {
    let stopwatch = Stopwatch()
    let folder = configuration.stateFolder ?? ""
    let store = try DigestStore(folder: folder, waits: configuration.waitsForLock)
    let window = try Window.resolve(configuration)
    let scheme = PartitionScheme(partitions: configuration.partitions)
    let days = try SurveyedDay.survey(window.days, in: store, configuration)
    let plan = try MemoryPlan(configuration: configuration, scheme: scheme, days: days)
    let watch = ProgressWatch(window, partitions: 0, stopwatch)
    let phase = DigestPhase(
      configuration: configuration, scheme: scheme, slabs: try plan.makeSlabs(),
      spillFolder: configuration.spillFolder ?? folder, progress: watch.counters)
    try DiskNeed.check(days, rowsPerSegment: plan.rowsPerSegment, configuration)
    let digest = try phase.run(days, in: store) {
      onProgress(watch.progress(.digest))
    }
    return Result(
      digested: window.days.map(\.day).filter { !digest.kept.contains($0) }, kept: digest.kept,
      missing: window.missing, accepted: digest.days.reduce(0) { $0 + $1.accepted },
      rejected: digest.days.reduce(0) { $0 + $1.rejected }, notices: digest.notices)
  }
}
