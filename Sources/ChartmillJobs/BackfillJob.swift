internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// `chartmill backfill`: the charts of every date of a range, each day rolled up once.
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
    /// The date was charted before with the same flags.
    case finishedBefore
    case charted(Manifest)
    /// The date cannot be charted, because its own log or any accepted row is missing.
    case skipped(WindowError)
  }

  /// Dates that the error about skipped ones names.
  static let maxNamedDates = 10

  /// Charts the dates in order, and says of each what became of it. A date whose manifest is in
  /// the output folder, for the same flags and of the same logs, is not charted again: so after a
  /// failure the same command goes on behind the last finished date, and after a late log it makes
  /// the dates anew that the log is in.
  ///
  /// A date without a log of its own, or without any row, is skipped: a gap in the logs does not keep
  /// later dates from being charted. When all days are required, it ends the job instead.
  ///
  /// Throws the first other `JobError`; the dates before are finished. Throws `.skippedDates` at the
  /// end when dates were skipped; all others are finished then.
  package func run(
    onProgress: (Progress) -> Void, onPrune: (PruneOutcome) -> Void = { _ in },
    onDate: (Day, Outcome) -> Void
  ) throws {
    // Removes what a killed one left, also when no date is left to chart.
    _ = try Publication(folder: request.output.folder, waits: request.waits)
    var skipped: (count: Int, first: [Day]) = (0, [])
    for number in dates.lowerBound.daysSinceEpoch...dates.upperBound.daysSinceEpoch {
      let day = Day(daysSinceEpoch: number)
      if try isFinished(day) {
        onDate(day, .finishedBefore)
        continue
      }
      let manifest: Manifest
      do {
        manifest = try ChartJob(request, endingWith: .date(day), state: state)
          .run(onProgress: onProgress, onPrune: onPrune)
      } catch let error as WindowError {
        guard error.isGapInLogs, !request.window.requireAllDays else { throw error }
        skipped.count += 1
        if skipped.first.count < Self.maxNamedDates { skipped.first.append(day) }
        onDate(day, .skipped(error))
        continue
      }
      onDate(day, .charted(manifest))
    }
    if skipped.count > 0 { throw JobError.skippedDates(count: skipped.count, first: skipped.first) }
  }

  private func isFinished(_ day: Day) throws -> Bool {
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
    return try isOfTheLogs(published, asOf: manifest.run.logsChangedMicroseconds, day)
  }

  /// Whether charting the date again would read what the manifest says was read. Days that have
  /// neither log nor rollup any more cannot be charted otherwise, and are taken as they were.
  ///
  /// Reads names, sizes and times of the window's logs, and the records of its kept rollups. The logs
  /// of a day whose rollup was pruned are read to their ends if one was touched since: it may only
  /// have been moved, or its times, and the text decides.
  private func isOfTheLogs(
    _ published: PublishedInputs, asOf changed: Int?, _ day: Day
  ) throws -> Bool {
    let (partitions, rules) = (request.resources.partitions, request.rows.identity)
    let store = try RollupStore(folder: state.folder, waits: request.waits)
    let window: LogWindow
    do {
      window = try LogWindow.resolve(
        request.source, WindowRules(days: request.window.days, allowsMissingLastDay: true),
        endingWith: .date(day), memory: request.resources.memory,
        kept: store.keptDays(endingWith: .date(day)))
    } catch WindowError.noLogs {
      return true
    } catch WindowError.chartsInsteadOfLogs {
      return true
    }
    for logs in window.days {
      if let (kept, found) = try store.open(logs.day), let record = found,
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
      // No rollup: it was pruned. One that cannot serve: it is rolled up again.
      if try store.contains(logs.day) { return false }
      var files = PublishedInputs.Files()
      for log in logs.files { files.add(name: log.name, byteCount: log.byteCount) }
      if files != published[logs.day]?.files { return false }
      if let changed, logs.files.allSatisfy({ $0.changedMicroseconds <= changed }) { continue }
      if try contents(of: logs) != published[logs.day]?.contents { return false }
    }
    return true
  }

  /// What the texts of a day's logs are now; nil when one cannot be read, which the run will say.
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

/// What a manifest says of the logs of each day, as a checksum: there may be more logs than memory
/// holds.
private struct PublishedInputs {
  /// Names and sizes of a day's logs, in their order.
  struct Files: Equatable {
    private var checksum = Checksum()

    mutating func add(name: String, byteCount: Int) {
      var text = "\(name)\0\(byteCount)\n"
      text.withUTF8 { unsafe checksum.append(UnsafeRawBufferPointer($0)) }
    }
  }

  /// The texts of a day's logs, in their order.
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
    /// All that is said of them.
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
