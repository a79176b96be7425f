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
  /// the output folder, for the same flags and of the same logs, is not charted again: so after a
  /// failure the same command goes on behind the last finished date, and after a late log it makes
  /// the dates anew that the log is in.
  ///
  /// Throws the first `JobError`; the dates before are finished.
  public func run(
    onProgress: (Progress) -> Void, onPrune: (PruneOutcome) -> Void = { _ in },
    onDate: (Day, Outcome) -> Void
  ) throws(JobError) {
    // Removes what a killed one left, also when no date is left to chart.
    _ = try Publication(folder: configuration.outputFolder, waits: configuration.waitsForLock)
    for number in dates.lowerBound.daysSinceEpoch...dates.upperBound.daysSinceEpoch {
      let day = Day(daysSinceEpoch: number)
      if try isFinished(day) {
        onDate(day, .finishedBefore)
        continue
      }
      var configuration = configuration
      configuration.date = day
      onDate(day, .charted(try ChartJob(configuration).run(onProgress: onProgress, onPrune: onPrune)))
    }
  }

  private func isFinished(_ day: Day) throws(JobError) -> Bool {
    let names = OutputNames(day: day, top: configuration.top, configuration.encoding)
    guard
      let manifest = try Manifest.published(names.manifest, in: configuration.outputFolder)
    else { return false }
    guard
      manifest.outputs.contains(where: { $0.name == names.userCharts }),
      configuration.writesEachCountry
        == manifest.outputs.contains(where: { names.country(ofName: $0.name) != nil }),
      manifest.window.days == configuration.days, manifest.top == configuration.top,
      manifest.partitions == configuration.partitions, manifest.rules == configuration.rules
    else { return false }
    return try isOfTheLogs(manifest, day)
  }

  /// Whether charting the date again would read what the manifest says was read. Days that have
  /// neither log nor digest any more cannot be charted otherwise, and are taken as they were.
  ///
  /// Reads names, sizes and times of the window's logs, and the records of its kept digests. Logs
  /// whose digest was pruned and that were touched since are read to their ends.
  private func isOfTheLogs(_ manifest: Manifest, _ day: Day) throws(JobError) -> Bool {
    var configuration = configuration
    configuration.date = day
    configuration.requireAllDays = false
    let store = try DigestStore(
      folder: configuration.stateFolder ?? "", waits: configuration.waitsForLock)
    let window: Window
    do {
      window = try Window.resolve(configuration, kept: store.days())
    } catch {
      if case .noLogs = error { return true }
      throw error
    }
    for logs in window.days {
      let inputs = manifest.inputs.filter { $0.day == logs.day }
      if let record = try store.open(logs.day)?.record, record.format == DigestRecord.format,
        record.partitions == configuration.partitions, record.rules == configuration.rules,
        try record.servesFor(logs.files)
      {
        if record.inputs != inputs { return false }
      } else if !logs.files.isEmpty {
        // No digest: it was pruned. One that cannot serve: it is digested again.
        if try store.contains(logs.day) { return false }
        guard inputs.count == logs.files.count else { return false }
        for (input, log) in zip(inputs, logs.files) {
          let changed = manifest.run.logsChangedMicroseconds
          if try !isSame(input, log, asOf: changed) { return false }
        }
      }
    }
    return true
  }

  /// Whether a log is what a manifest says of it. One that nobody touched since the charts were made
  /// is. Of another, the text decides: it may only have been moved, or its times.
  private func isSame(
    _ input: Manifest.Input, _ log: LogFile, asOf changed: Int?
  ) throws(JobError) -> Bool {
    guard input.name.utf8.elementsEqual(log.name.utf8), input.bytes == log.byteCount else {
      return false
    }
    if let changed, log.changedMicroseconds <= changed { return true }
    do throws(JobError) {
      let checksum = try LogIdentity.textChecksum(of: log)
      return checksum.hex == input.textCRC32 && checksum.byteCount == input.textBytes
    } catch {
      if case .interrupted = error { throw error }
      // What is wrong with it the run will say.
      return false
    }
  }
}
