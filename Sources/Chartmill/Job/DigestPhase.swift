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
  }

  let configuration: JobConfiguration
  let scheme: PartitionScheme
  let slabs: [Slab]
  let spillFolder: String
  let progress: ProgressCounters

  private var rules: String {
    DigestRecord.fingerprint(configuration.countries, repair: configuration.repair)
  }

  /// Digests the logs of all days together, into spill files that vanish with the process.
  func digestAll(_ days: [DayLogs], whileWaiting: () -> Void) throws(JobError) -> Result {
    var result = Result()
    let digest = try digest(days, whileWaiting)
    result.add(digest)
    result.spills = digest.spills
    return result
  }

  /// Takes each day's kept digest where it is usable, and digests the others into `store`.
  func digestMissing(
    _ days: [DayLogs], in store: DigestStore, whileWaiting: () -> Void
  ) throws(JobError) -> Result {
    var result = Result()
    for day in days {
      let (kept, notice) = try usable(day, in: store)
      if let notice { result.notices.append(DigestNotice(day: day.day, kind: notice)) }
      if let kept {
        result.kept.append(day.day)
        result.add(kept)
        progress.inputBytesRead.add(day.byteCount, ordering: .relaxed)
      } else {
        let digest = try digest([day], whileWaiting)
        let record = DigestRecord(
          day: day.day, partitions: scheme.count, rules: rules,
          sources: DigestRecord.sources(of: day.files), inputs: digest.logs.map { .init($0) },
          samples: digest.logs.flatMap { Manifest.samples($0) })
        result.add(try store.publish(try compacted(digest), record))
        result.spilledBytes += digest.spilledBytes
        result.spilledRuns += digest.spilledRuns
      }
    }
    return result
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
    try LogDigester(
      logs: days.flatMap { day in day.files.map { (day: day.day, log: $0) } },
      parser: RowParser(countries: configuration.countries, repair: configuration.repair),
      scheme: scheme, spillFolder: spillFolder, spillLimit: configuration.spillLimit,
      progress: progress
    ).run(slabs: slabs, whileWaiting: whileWaiting)
  }

  /// The day's kept digest if it may serve, and what there is to say about it.
  private func usable(_ day: DayLogs, in store: DigestStore) throws(JobError)
    -> (KeptDigest?, DigestNotice.Kind?)
  {
    guard try store.contains(day.day) else { return (nil, nil) }
    let problem: DigestNotice.Kind
    if let kept = try store.open(day.day) {
      if kept.record.format != DigestRecord.format {
        problem = .otherFormat
      } else if kept.record.partitions != scheme.count {
        problem = .otherPartitions
      } else if kept.record.rules != rules {
        problem = .otherRules
      } else if day.files.isEmpty {
        return (kept, .logGone)
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
    samples += digest.logs.flatMap { Manifest.samples($0) }
    spilledBytes += digest.spilledBytes
    spilledRuns += digest.spilledRuns
  }

  fileprivate mutating func add(_ kept: KeptDigest) {
    inputs += kept.record.inputs
    samples += kept.record.samples
    spills.append(kept.spill)
  }
}
