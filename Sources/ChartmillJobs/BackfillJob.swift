internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill backfill`: charts every date of a range, and rolls up each day once.
package struct BackfillJob: Sendable {
  private let request: ChartRequest
  private let dates: ClosedRange<Day>
  private let state: StateOptions

  package init(_ request: ChartRequest, dates: ClosedRange<Day>, state: StateOptions) {
    self.request = request
    self.dates = dates
    self.state = state
  }

  package enum Outcome: Sendable {
    /// The date was charted earlier, from the same logs with the same flags.
    case finishedBefore
    case charted(Manifest)
    /// The date would be charted; only `preview` has this outcome.
    case due
    /// The date cannot be charted, because it has no log of its own, or no accepted row in it or in
    /// its window.
    case skipped(WindowError)
  }

  /// The maximum number of dates that the error about skipped dates names.
  static let maxNamedDates = 10

  /// Charts the dates in order, and calls `onDate` with the outcome of each.
  ///
  /// A date is not charted again if its manifest is in the output folder and has the same flags and
  /// logs. So after a failure, the same command continues after the last finished date. After a
  /// late log, it charts again only the dates whose windows contain the log.
  ///
  /// A date without a log of its own, or without an accepted row in it or in its window, is skipped,
  /// so that a gap in the logs does not prevent later charts. If all days are required, it ends the
  /// job instead.
  ///
  /// - Throws: what `ChartJob.run` throws for the first date that fails; all earlier dates are
  ///   finished. `JobError.skippedDates` at the end if dates were skipped; all others are finished.
  package func run(
    onProgress: (Progress) -> Void, onPrune: (PruneOutcome) -> Void = { _ in },
    onDate: (Day, Outcome) -> Void
  ) throws {
    try checkFolders()
    // This removes the leftovers of a killed run even if all dates are finished.
    _ = try Publication(folder: request.output.folder, waits: request.waits)
    try forEachDate(
      store: { try RollupStore(folder: state.folder, waits: request.waits) },
      chart: { day in
        .charted(
          try ChartJob(request, endingWith: .date(day), state: state)
            .run(onProgress: onProgress, onPrune: onPrune))
      }, onDate: onDate)
  }

  /// Calls `onDate` with what `run` would do with each date. Writes nothing and takes no lock.
  ///
  /// The logs of dates that are due are not read, so a date whose logs turn out to have no accepted
  /// row is due here, and skipped by `run`.
  ///
  /// - Throws: `JobError.skippedDates` at the end if dates would be skipped; what the search for
  ///   the logs of a window throws.
  package func preview(onDate: (Day, Outcome) -> Void) throws {
    try checkFolders()
    let store = try RollupStore.existing(state.folder)
    try forEachDate(
      store: { store },
      chart: { day in
        _ = try LogWindow.resolve(
          request.source, request.window, endingWith: .date(day), memory: request.resources.memory,
          kept: store?.keptDays(endingWith: .date(day)))
        return .due
      }, onDate: onDate)
  }

  private func checkFolders() throws {
    try request.source.checkApart(fromOutput: request.output.folder, state: state.folder)
  }

  /// - Parameters:
  ///   - store: opens the kept rollups; nil if there are none yet.
  ///   - chart: charts a date that is not finished.
  private func forEachDate(
    store: () throws -> RollupStore?, chart: (Day) throws -> Outcome,
    onDate: (Day, Outcome) -> Void
  ) throws {
    var skipped: (count: Int, first: [Day]) = (0, [])
    for number in dates.lowerBound.daysSinceEpoch...dates.upperBound.daysSinceEpoch {
      let day = Day(daysSinceEpoch: number)
      try StopRequest.check()
      if try isFinished(day, store) {
        onDate(day, .finishedBefore)
        continue
      }
      let outcome: Outcome
      do {
        outcome = try chart(day)
      } catch let error as WindowError {
        guard error.isGapInLogs, !request.window.requireAllDays else { throw error }
        skipped.count += 1
        if skipped.first.count < Self.maxNamedDates { skipped.first.append(day) }
        onDate(day, .skipped(error))
        continue
      }
      onDate(day, outcome)
    }
    if skipped.count > 0 { throw JobError.skippedDates(count: skipped.count, first: skipped.first) }
  }

  /// Whether the output folder has the charts of a date from the same logs, with the same flags.
  private func isFinished(_ day: Day, _ store: () throws -> RollupStore?) throws -> Bool {
    let names = OutputNames(day: day, top: request.charts.top, request.charts.encoding)
    var published = PublishedInputs()
    guard
      let manifest = try Manifest.published(
        names.manifest, in: request.output.folder, onInput: { published.add($0) })
    else { return false }
    guard
      manifest.outputs.contains(where: { $0.name == names.userCharts }),
      request.output.writesEachCountry
        == manifest.outputs.contains(where: { names.country(ofName: $0.name) != nil }),
      manifest.window.days == request.window.days, manifest.top == request.charts.top,
      manifest.partitions == request.resources.partitions,
      manifest.rules == request.rows.identity
    else { return false }
    return try isOfTheLogs(
      published, asOf: manifest.run.logsChangedMicroseconds, day, in: try store())
  }

  /// Whether the logs that the manifest lists are the current logs. Days that no longer have logs
  /// or a rollup are not compared, because they cannot be charted again.
  ///
  /// Reads the names, sizes and times of the logs, and the records of the kept rollups. If the
  /// rollup of a day was pruned and one of its logs was touched later, the logs of the day are read
  /// completely, because only their texts show whether they changed.
  private func isOfTheLogs(
    _ published: PublishedInputs, asOf changed: Int?, _ day: Day, in store: RollupStore?
  ) throws -> Bool {
    let (partitions, rules) = (request.resources.partitions, request.rows.identity)
    let window: LogWindow
    do {
      window = try LogWindow.resolve(
        request.source, WindowRules(days: request.window.days, allowsMissingLastDay: true),
        endingWith: .date(day), memory: request.resources.memory,
        kept: store?.keptDays(endingWith: .date(day)))
    } catch WindowError.noLogs {
      return true
    } catch WindowError.chartsInsteadOfLogs {
      return true
    }
    for logs in window.days {
      if let store, let (kept, found) = try store.open(logs.day), let record = found,
        record.partitions == partitions, record.rules == rules
      {
        var inputs = PublishedInputs()
        let isOfTheLogs = try kept.isOf(logs.files, store.deflate) { log in
          inputs.add(log.input)
        }
        if let isOfTheLogs, isOfTheLogs || logs.files.isEmpty {
          if inputs[logs.day] != published[logs.day] { return false }
          continue
        }
      }
      if logs.files.isEmpty { continue }
      // A missing rollup was pruned. If a rollup cannot be used, its day is rolled up again.
      if let store, try store.contains(logs.day) { return false }
      var files = PublishedInputs.Files()
      for log in logs.files { files.add(name: log.name, byteCount: log.byteCount) }
      if files != published[logs.day]?.files { return false }
      if let changed, logs.files.allSatisfy({ $0.changedMicroseconds <= changed }) { continue }
      if try contents(of: logs) != published[logs.day]?.contents { return false }
    }
    return true
  }

  /// The current texts of the logs of a day; nil if a log cannot be read. The run will report that.
  private func contents(of logs: DayLogs) throws -> PublishedInputs.Contents? {
    var contents = PublishedInputs.Contents()
    do {
      for log in logs.files {
        let text = try LogIdentity.textChecksum(of: log)
        contents.add(crc32: text.hex, byteCount: text.byteCount)
      }
    } catch let error as Interrupted {
      throw error
    } catch {
      return nil
    }
    return contents
  }
}

/// What a manifest says about the logs of each day, as checksums, because there may be more logs
/// than fit in memory.
private struct PublishedInputs {
  /// The names and sizes of the logs of a day, in their order.
  struct Files: Equatable {
    private var checksum = Checksum()

    mutating func add(name: String, byteCount: Int) {
      var text = "\(name)\0\(byteCount)\n"
      text.withUTF8 { unsafe checksum.append(UnsafeRawBufferPointer($0)) }
    }
  }

  /// The texts of the logs of a day, in their order.
  struct Contents: Equatable {
    private var checksum = Checksum()

    mutating func add(crc32: String, byteCount: Int) {
      var text = "\(crc32)\0\(byteCount)\n"
      text.withUTF8 { unsafe checksum.append(UnsafeRawBufferPointer($0)) }
    }
  }

  struct OfDay: Equatable {
    var files = Files()
    var contents = Contents()
    /// Everything that the manifest says about them.
    var facts = Checksum()
  }

  private var days: [Day: OfDay] = [:]

  subscript(day: Day) -> OfDay? { days[day] }

  mutating func add(_ input: Manifest.Input) {
    var day = days[input.day] ?? OfDay()
    day.files.add(name: input.name, byteCount: input.bytes)
    day.contents.add(crc32: input.textCRC32, byteCount: input.textBytes)
    var tallies = ""
    for tally in input.rejectedByReason + input.repairedByRule {
      tallies += "\(tally.name)\0\(tally.rows)\0"
    }
    var text =
      "\(input.name)\0\(input.reading.rawValue)\0\(input.bytes)\0\(input.textBytes)\0"
      + "\(input.textCRC32)\0\(input.accepted)\0\(input.rejected)\0\(tallies)\n"
    text.withUTF8 { unsafe day.facts.append(UnsafeRawBufferPointer($0)) }
    days[input.day] = day
  }
}
