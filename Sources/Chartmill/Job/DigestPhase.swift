internal import Synchronization

/// The first phase: every day of the window as spill files, digested now or kept from before.
struct DigestPhase {
  /// What the charts are made from, and what the manifest says of it.
  struct Result {
    var spills: [SpillFile] = []
    var inputs: [Manifest.Input] = []
    var samples: [Manifest.Sample] = []
    var spilledBytes = 0
    var spilledRuns = 0
    /// Days whose kept digest served.
    var kept: [Day] = []
    var notices: [DigestNotice] = []
    /// Of all days that have a digest, kept or new; none without a store.
    var records: [DigestRecord] = []
  }

  let configuration: JobConfiguration
  let scheme: PartitionScheme
  let slabs: [Slab]
  let spillFolder: String
  let progress: ProgressCounters
  /// Takes the rejected rows of the logs that are read.
  var rejects: RejectsFile?

  /// A day of the window, before anything is digested.
  struct SurveyedDay {
    let logs: DayLogs
    /// The kept digest that serves in place of the logs.
    let kept: KeptDigest?
    let notice: DigestNotice?
  }

  /// Finds the kept digests that serve.
  ///
  /// - Throws: `.unusableDigest` for one that does not, where there is no log either.
  func survey(_ days: [DayLogs], in store: DigestStore?) throws(JobError) -> [SurveyedDay] {
    var surveyed: [SurveyedDay] = []
    for day in days {
      var found: (kept: KeptDigest?, notice: DigestNotice.Kind?)
      if let store { found = try usable(day, in: store) }
      surveyed.append(
        SurveyedDay(
          logs: day, kept: found.kept,
          notice: found.notice.map { DigestNotice(day: day.day, kind: $0) }))
    }
    return surveyed
  }

  /// Without a store, digests the logs of all days together, into spill files that vanish with the
  /// process; else each day that has no kept digest by itself, into the store.
  func run(
    _ days: [SurveyedDay], in store: DigestStore?, whileWaiting: () -> Void
  ) throws(JobError) -> Result {
    var result = Result()
    guard let store else {
      let digest = try digest(days.map(\.logs), whileWaiting)
      result.add(digest)
      result.spills = digest.spills
      return result
    }
    result.notices = days.compactMap(\.notice)
    for day in days {
      if let kept = day.kept {
        result.kept.append(kept.day)
        result.add(kept)
        progress.inputBytesRead.add(day.logs.byteCount, ordering: .relaxed)
      } else {
        let digest = try digest([day.logs], whileWaiting)
        let record = DigestRecord(
          day: day.logs.day, partitions: scheme.count, rules: configuration.rules,
          // How long standard input is shows when it was read.
          sources: DigestRecord.sources(
            of: day.logs.isStandardInput ? digest.logs.map(\.log) : day.logs.files), inputs: digest.logs.map { .init($0) },
          samples: digest.logs.flatMap { Manifest.samples($0.tally, of: $0.log.name) },
          streamsByCountry: streamsByCountry(digest))
        result.add(try store.publish(try compacted(digest), record))
        result.spilledBytes += digest.spilledBytes
        result.spilledRuns += digest.spilledRuns
      }
    }
    return result
  }

  private func streamsByCountry(_ digest: LogDigester.Result) -> [String: Int] {
    let countries = configuration.countries
    return (0..<countries.count).reduce(into: [:]) { streams, index in
      let count = digest.streamsOfCountry[index]
      if count > 0 { streams[countries.code(at: UInt8(index))] = count }
    }
  }

  private func compacted(_ digest: LogDigester.Result) throws(JobError) -> [SpillFile] {
    if digest.segments <= SegmentCompactor.mostSegments { return digest.spills }
    return [
      try SegmentCompactor.compact(
        digest.spills, streams: digest.logs.reduce(0) { $0 + $1.tally.accepted }, scheme: scheme,
        slab: slabs[0], spillFolder: spillFolder)
    ]
  }

  private func digest(_ days: [DayLogs], _ whileWaiting: () -> Void) throws(JobError)
    -> LogDigester.Result
  {
    let digest = try LogDigester(
      logs: days.flatMap { day in day.files.map { (day: day.day, log: $0) } },
      parser: RowParser(countries: configuration.countries, repair: configuration.repair),
      scheme: scheme, spillFolder: spillFolder, spillLimit: configuration.spillLimit,
      keepsRejected: rejects != nil, progress: progress
    ).run(slabs: slabs, whileWaiting: whileWaiting)
    try rejects?.append(digest.rejected)
    return digest
  }

  /// The day's kept digest if it may serve, and what there is to say about it.
  private func usable(_ day: DayLogs, in store: DigestStore) throws(JobError)
    -> (kept: KeptDigest?, notice: DigestNotice.Kind?)
  {
    // Standard input takes the place of what is there: nobody can tell before it is read.
    if day.isStandardInput { return (nil, nil) }
    guard try store.contains(day.day) else { return (nil, nil) }
    let problem: DigestNotice.Kind
    if let kept = try store.open(day.day) {
      if kept.record.format != DigestRecord.format {
        problem = .otherFormat
      } else if kept.record.partitions != scheme.count {
        problem = .otherPartitions
      } else if kept.record.rules != configuration.rules {
        problem = .otherRules
      } else if day.files.isEmpty {
        return (kept, kept.record.isOfStandardInput ? nil : .logGone)
      } else if kept.record.sources == DigestRecord.sources(of: day.files) {
        return (kept, nil)
      } else {
        problem = .logChanged
      }
    } else {
      problem = .damaged
    }
    // Without the log there is nothing to digest again.
    if day.files.isEmpty { throw .unusableDigest(path: store.path(of: day.day), problem) }
    return (nil, problem)
  }
}

extension DigestPhase.Result {
  fileprivate mutating func add(_ digest: LogDigester.Result) {
    inputs += digest.logs.map { .init($0) }
    samples += digest.logs.flatMap { Manifest.samples($0.tally, of: $0.log.name) }
    spilledBytes += digest.spilledBytes
    spilledRuns += digest.spilledRuns
  }

  fileprivate mutating func add(_ kept: KeptDigest) {
    inputs += kept.record.inputs
    samples += kept.record.samples
    records.append(kept.record)
    spills.append(kept.spill)
  }
}
