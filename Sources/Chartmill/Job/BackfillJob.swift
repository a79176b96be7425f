/// `chartmill backfill`: the charts of every date of a range, each day digested once.
public struct BackfillJob: Sendable {
  private let configuration: JobConfiguration
  private let dates: ClosedRange<Day>

  /// - Precondition: the configuration has a state folder; its date is not used.
  public init(_ configuration: JobConfiguration, dates: ClosedRange<Day>) {
    precondition(configuration.stateFolder != nil)
    self.configuration = configuration
    self.dates = dates
  }

  public enum Outcome: Sendable {
    /// The date was charted before with the same flags.
    case finishedBefore
    case charted(Manifest)
  }

  /// Charts the dates in order, and says of each what became of it. A date whose manifest is in
  /// the output folder, for the same window length, top and partitions, is not charted again: so
  /// after a failure the same command goes on behind the last finished date.
  ///
  /// Throws the first `JobError`; the dates before are finished.
  public func run(
    onProgress: (Progress) -> Void, onDate: (Day, Outcome) -> Void
  ) throws(JobError) {
    for number in dates.lowerBound.daysSinceEpoch...dates.upperBound.daysSinceEpoch {
      let day = Day(daysSinceEpoch: number)
      if try isFinished(day) {
        onDate(day, .finishedBefore)
        continue
      }
      var configuration = configuration
      configuration.date = day
      onDate(day, .charted(try ChartJob(configuration).run(onProgress: onProgress)))
    }
  }

  private func isFinished(_ day: Day) throws(JobError) -> Bool {
    let names = OutputNames(
      day: day, top: configuration.top, compresses: configuration.compressesOutputs)
    guard
      let manifest = try Manifest.published(names.manifest, in: configuration.outputFolder)
    else { return false }
    return manifest.outputs.contains { $0.name == names.userCharts }
      && manifest.window.days == configuration.days && manifest.top == configuration.top
      && manifest.partitions == configuration.partitions
  }
}
