internal import ChartmillCore
internal import ChartmillJobs
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill rollup --frames`: turns one log into a stream of frames. A scheduler runs
/// this job, which is part of the first phase, on many machines.
///
/// The frames are the sorted runs of each segment, and at the end the record of the log.
package struct LogFramesJob: Sendable {
  /// Where the log comes from.
  package enum Source: Sendable {
    case file(String)
    /// A log from standard input. The last component of `name`, a path or a URI, carries its date.
    case standardInput(name: String)
  }

  private let source: Source
  private let undatedDay: Day?
  private let rows: RowRules
  private let resources: Resources

  /// - Parameter undatedDay: the date of a log whose name has none.
  package init(_ source: Source, undatedDay: Day?, rows: RowRules, resources: Resources) {
    self.source = source
    self.undatedDay = undatedDay
    self.rows = rows
    self.resources = resources
  }

  /// Rolls up the log, and then writes the frames to standard output. A stream without a `log`
  /// frame at its end is incomplete.
  ///
  /// Memory: at most `Resources.memory` resident. Disk: about 6 bytes per row for the spill files.
  package func run() throws {
    let stopwatch = Stopwatch()
    let output = try File.standardOutput()
    let log: LogFile
    switch source {
    case .file(let path): log = try LogFile(path: path)
    case .standardInput(let name): log = LogFile(standardInputNamed: name)
    }
    guard let day = log.day ?? undatedDay else { throw LogError.undatedLog(path: log.path) }
    let scheme = PartitionScheme(partitions: resources.partitions)
    let days = [SurveyedDay(logs: DayLogs(day: day, files: [log]))]
    // This is the plan of a run with the default charts, so that segments have the same length.
    let plan = try MemoryPlan(
      memory: resources.memory, threads: resources.threads, scheme: scheme,
      charts: ChartOptions(), countries: rows.countries.count, days: days)
    let phase = RollupPhase(
      rows: rows, scheme: scheme, arenas: try plan.makeArenas(),
      spillFolder: resources.spills.folder ?? ".", spillLimit: resources.spills.limit,
      progress: ProgressCounters())
    let rollup = try phase.run(days, in: nil) {}
    var inputs: [Manifest.Input] = []
    try rollup.forEachInput { inputs.append($0) }

    let arena = phase.arenas[0]
    defer { withExtendedLifetime(arena) {} }
    arena.reset()
    let directoryMemory = unsafe arena.allocate(
      SegmentDirectory.workBytes(partitionBits: scheme.bits))
    let frames = FrameWriter(output, partitions: scheme.count)
    for spill in rollup.spills {
      try unsafe SegmentDirectory.forEach(
        in: spill, partitionBits: scheme.bits, memory: directoryMemory, Deflate()
      ) { directory, start in
        for runClass in SortedRunClass.all {
          for partition in 0..<scheme.count {
            let run = SortedRun(
              directory[runClass, partition], runClass, partition, in: spill, segmentStart: start)
            if run.records > 0 { try frames.write(run) }
          }
        }
      }
    }
    try frames.write(
      .log,
      record: LogRecord(
        rules: rows.identity, input: inputs[0], samples: rollup.samples,
        work: ProcessWork(
          threads: plan.workers, memoryBudget: resources.memory,
          peakResident: ProcessMemory.peakResident, spillBytes: rollup.spilledBytes,
          spillRuns: rollup.spilledRuns, seconds: stopwatch.seconds)))
  }
}
