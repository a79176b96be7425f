package import ChartmillCore
package import ChartmillModel
package import ChartmillSystem
internal import Synchronization

/// The first phase of a job: makes spill files of every day of the window, or takes the kept
/// rollups of days whose logs are unchanged.
package struct RollupPhase {
  /// The data that the charts are made from, and what the manifest says about it.
  package struct Result {
    package var spills: [SpillFile] = []
    /// The days of the window that have logs or a kept rollup, ascending.
    var days: [RolledUpDay] = []
    /// The first bad rows for each reason.
    package var samples: [Manifest.Sample] = []
    package var spilledBytes = 0
    package var spilledRuns = 0
    /// The days whose kept rollups were used.
    var kept: [Day] = []
    var notices: [RollupNotice] = []
    /// The first bad rows of the first day that has too many, among the days that were read.
    var samplesOfBadDay: (day: Day, samples: [Manifest.Sample])?
    /// The counts of the last days of the window, in which `SuddenChange` looks for changes.
    var recentDays: [DayCounts] = []
  }

  /// A day of the window, and the sums over its logs.
  struct RolledUpDay {
    enum Logs {
      case read([RolledUpLog].SubSequence, of: [DayLogs])
      case kept(KeptRollup)
    }

    let day: Day
    let logs: Logs
    let accepted: Int
    let rejected: Int
  }

  let rows: RowRules
  /// If a day has a larger share of bad rows, its samples are kept. This is done only for the first
  /// such day. Nil keeps no samples.
  let maxBadRows: Share?
  let scheme: PartitionScheme
  /// The arenas, one per worker.
  package var arenas: [Arena]
  let spillFolder: String
  /// The maximum number of bytes in all spill files; nil sets no limit.
  let spillLimit: Int?
  let progress: ProgressCounters
  /// Takes the rejected rows of the logs that are read; nil if they are not kept.
  var rejects: RejectsFile?

  package init(
    rows: RowRules, maxBadRows: Share? = nil, scheme: PartitionScheme, arenas: [Arena],
    spillFolder: String, spillLimit: Int?, progress: ProgressCounters,
    rejects: RejectsFile? = nil
  ) {
    self.rows = rows
    self.maxBadRows = maxBadRows
    self.scheme = scheme
    self.arenas = arenas
    self.spillFolder = spillFolder
    self.spillLimit = spillLimit
    self.progress = progress
    self.rejects = rejects
  }

  /// Rolls up the days.
  ///
  /// Without a store, the logs of all days are rolled up together, into spill files that disappear
  /// when the process ends. With a store, each day without a usable rollup is rolled up on its own
  /// and published in the store.
  package func run(
    _ days: [SurveyedDay], in store: RollupStore?, whileWaiting: () -> Void
  ) throws -> Result {
    var result = Result()
    guard let store else {
      try rollUpTogether(days.map(\.logs), into: &result, whileWaiting)
      return result
    }
    let firstRecent = days.last?.logs.day.advanced(by: -SuddenChange.maxDays)
    result.notices = days.compactMap(\.notice)
    for day in days {
      let kept: KeptRollup
      if let served = day.kept {
        kept = served
        result.kept.append(kept.day)
        progress.inputBytesRead.add(day.logs.byteCount, ordering: .relaxed)
      } else {
        kept = try rollUpAlone(day.logs, into: store, &result, whileWaiting)
      }
      result.spills.append(kept.spill)
      result.days.append(
        RolledUpDay(
          day: kept.day, logs: .kept(kept), accepted: kept.accepted, rejected: kept.rejected))
      let isRecent = firstRecent.map { kept.day >= $0 } ?? false
      if kept.rejected > 0 || isRecent, let record = try store.open(kept.day)?.record {
        result.samples = (result.samples + record.samples)
          .firstOfEachReason(RejectTally.samplesPerReason)
        if isRecent { result.recentDays.append(DayCounts(record)) }
      }
    }
    return result
  }

  private func rollUpTogether(
    _ days: [DayLogs], into result: inout Result, _ whileWaiting: () -> Void
  ) throws {
    let rollup = try rollUp(days, whileWaiting)
    result.spills = rollup.spills
    result.spilledBytes = rollup.spilledBytes
    result.spilledRuns = rollup.spilledRuns
    result.samples = rollup.samples
    result.samplesOfBadDay = rollup.samplesOfBadDay
    var rest = rollup.logs[...]
    for (index, day) in days.enumerated() {
      let logs = rest.prefix { $0.day == index }
      rest = rest.dropFirst(logs.count)
      let (accepted, rejected) = logs.reduce((0, 0)) { ($0.0 + $1.accepted, $0.1 + $1.rejected) }
      result.days.append(
        RolledUpDay(
          day: day.day, logs: .read(logs, of: days), accepted: accepted, rejected: rejected))
      if let streams = rollup.streamsOfCountry[index] {
        result.recentDays.append(
          DayCounts(
            day: day.day, accepted: accepted, rejected: rejected,
            streamsByCountry: byCode(streams)))
      }
    }
  }

  /// Rolls up the logs of one day into the store.
  private func rollUpAlone(
    _ day: DayLogs, into store: RollupStore, _ result: inout Result, _ whileWaiting: () -> Void
  ) throws -> KeptRollup {
    let rollup = try rollUp([day], whileWaiting)
    let spills = try compacted(rollup, whileWaiting)
    let record = RollupRecord(
      day: day.day, partitions: scheme.count, rules: rows.identity,
      logs: rollup.logs.count, accepted: rollup.logs.reduce(0) { $0 + $1.accepted },
      rejected: rollup.logs.reduce(0) { $0 + $1.rejected },
      segments: spills.count < rollup.spills.count ? 1 : rollup.segments,
      samples: rollup.samples, streamsByCountry: byCode(rollup.streamsOfCountry[0] ?? []))
    result.spilledBytes += rollup.spilledBytes
    result.spilledRuns += rollup.spilledRuns
    return try store.publish(spills, record) { body in
      for log in rollup.logs {
        try body(RollupLogRecord(day.files[log.file], Manifest.Input(log, of: [day])))
      }
    }
  }

  private func byCode(_ streams: [Int]) -> [String: Int] {
    zip(0..<rows.countries.count, streams).reduce(into: [:]) { byCode, country in
      let (index, count) = country
      if count > 0 { byCode[rows.countries.code(at: UInt8(index))] = count }
    }
  }

  private func compacted(_ rollup: RollupBuilder.Result, _ whileWaiting: () -> Void) throws
    -> [SpillFile]
  {
    if rollup.segments <= SegmentCompactor.maxSegments { return rollup.spills }
    return [
      try SegmentCompactor.compact(
        rollup.spills, streams: rollup.logs.reduce(0) { $0 + $1.accepted }, scheme: scheme,
        arenas: arenas, spillFolder: spillFolder, whileWaiting: whileWaiting)
    ]
  }

  private func rollUp(_ days: [DayLogs], _ whileWaiting: () -> Void) throws
    -> RollupBuilder.Result
  {
    let rollup = try RollupBuilder(
      days: days,
      parser: RowParser(countries: rows.countries, repair: rows.repairs),
      scheme: scheme, spillFolder: spillFolder, spillLimit: spillLimit,
      keepsRejected: rejects != nil, progress: progress,
      isBadDay: { [maxBadRows] accepted, rejected in
        maxBadRows?.isExceeded(by: rejected, of: accepted + rejected) ?? false
      }
    ).run(arenas: arenas, whileWaiting: whileWaiting)
    try rejects?.append(rollup.rejected)
    return rollup
  }
}

extension RollupPhase.Result {
  /// Calls `body` with what the manifest says about each log, ordered by day and name.
  ///
  /// Time: a few dozen microseconds per log of a kept day. Memory: a few KiB.
  ///
  /// - Throws: `SpillError.corrupt` if a kept rollup has changed; what `body` throws.
  package func forEachInput(_ body: (Manifest.Input) throws -> Void) throws {
    let deflate = Deflate()
    for day in days {
      switch day.logs {
      case .read(let logs, let days):
        for log in logs { try body(Manifest.Input(log, of: days)) }
      case .kept(let kept):
        let isSound = try kept.forEachLog(deflate) { log in try body(log.input) }
        guard isSound else {
          throw SpillError.corrupt(path: kept.spill.path, offset: kept.spill.end)
        }
      }
    }
  }

  /// The bad rows of the days that were read.
  var rejectedInReadLogs: Int {
    days.reduce(0) { $0 + (kept.contains($1.day) ? 0 : $1.rejected) }
  }

  /// This result with what the earlier one did, if it was made because the kept rollup of `day` was
  /// damaged.
  func repairing(_ day: Day, of earlier: RollupPhase.Result) -> RollupPhase.Result {
    var result = self
    // Days that the job has rolled up itself do not count as kept.
    result.kept = kept.filter(earlier.kept.contains)
    result.notices = earlier.notices + [RollupNotice(day: day, kind: .damaged)]
    result.spilledBytes += earlier.spilledBytes
    result.spilledRuns += earlier.spilledRuns
    return result
  }

  /// The sums over all logs.
  ///
  /// - Parameter limit: the share of a day's rows that may be bad; nil sets no limit.
  /// - Throws: `JobError.tooManyBadRows` for the first day over the limit; what `forEachInput`
  ///   throws.
  func totals(limit: Share? = nil) throws -> LogTotals {
    var totals = LogTotals()
    var badRows = limit.map(BadRowCheck.init)
    var samples: (day: Day, samples: [Manifest.Sample])?
    try forEachInput { input in
      guard totals.add(input) else { throw damaged(input.day) }
      if badRows == nil { return }
      if samples?.day != input.day {
        samples = (input.day, try samplesIfBad(input.day, limit))
      }
      badRows?.add(input, samples: samples?.samples ?? [])
    }
    if let day = badRows?.badDay() { throw JobError.tooManyBadRows(day) }
    return totals
  }

  /// The error for counts that no log can have. They come from a kept rollup, because the counts of
  /// logs that were read are possible.
  private func damaged(_ name: Day) -> SpillError {
    if case .kept(let kept)? = days.first(where: { $0.day == name })?.logs {
      return .corrupt(path: kept.spill.path, offset: kept.spill.end)
    }
    return .corrupt(path: "the logs of \(name)", offset: 0)
  }

  /// The first bad rows of a day that is over the limit; none for any other day.
  private func samplesIfBad(_ name: Day, _ limit: Share?) throws -> [Manifest.Sample] {
    guard let day = days.first(where: { $0.day == name }), let limit,
      limit.isExceeded(by: day.rejected, of: day.accepted.addingSaturated(day.rejected))
    else { return [] }
    switch day.logs {
    case .kept(let kept): return try kept.samples(Deflate())
    case .read: return samplesOfBadDay?.day == name ? samplesOfBadDay?.samples ?? [] : []
    }
  }

  /// The notices about the logs.
  func notices(_ totals: LogTotals) throws -> [Manifest.LogNotice] {
    let wanted = totals.placesToName
    if wanted.isEmpty { return totals.notices { _ in "" } }
    var names: [Int: String] = [:]
    var place = 0
    try forEachInput { input in
      if wanted.contains(place) { names[place] = input.name }
      place += 1
    }
    return totals.notices { names[$0] ?? "" }
  }
}

extension DayCounts {
  init(_ record: RollupRecord) {
    self.init(
      day: record.day, accepted: record.accepted, rejected: record.rejected,
      streamsByCountry: record.streamsByCountry)
  }
}
