internal import ChartmillCore
internal import ChartmillJobs
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill chart`: makes charts from the frames of all logs for one partition, either
/// of its users or of its countries. A scheduler runs this job, which is part of the second phase,
/// on many machines.
package struct PartitionJob: Sendable {
  /// The kind of records of a partition.
  package enum Records: String, Sendable, CaseIterable {
    case users
    case countries

    var kind: RecordKind { self == .users ? .user : .country }
  }

  private let partition: Int
  private let partitions: Int
  private let records: Records
  private let charts: ChartOptions
  private let countries: CountryList
  private let memory: Int
  private let spills: SpillOptions

  /// - Parameters:
  ///   - partitions: the number of partitions.
  ///   - memory: the budget in bytes, as `Resources.memory`.
  /// - Precondition: `partition` is in `0..<partitions`.
  package init(
    partition: Int, of partitions: Int, records: Records, charts: ChartOptions,
    countries: CountryList, memory: Int, spills: SpillOptions
  ) {
    precondition((0..<partitions).contains(partition))
    self.partition = partition
    self.partitions = partitions
    self.records = records
    self.charts = charts
    self.countries = countries
    self.memory = memory
    self.spills = spills
  }

  /// Reads frames, in any order, from standard input.
  ///
  /// For users, writes the lines of their charts to standard output, the lines of their countries
  /// to `userCountries`, and a `part` frame to `counts`. The lines of all partitions, concatenated
  /// in the order of the partitions, are the files of `ChartJob`.
  ///
  /// For countries, writes their local charts and a `part` frame to `counts`, or to standard output
  /// if that is nil.
  ///
  /// Memory: at most `memory` resident. Each frame takes a few hundred bytes of it. Disk: the
  /// number of bytes that are read, or twice that if there are too many sorted runs to merge at
  /// once.
  ///
  /// - Parameters:
  ///   - userCountries: the path of the file of user countries; nil writes none.
  ///   - counts: the path of the file of the `part` frame; nil writes none for users.
  ///   - names: what the manifest will name the two files of users.
  /// - Throws: `FrameError` for a frame that does not belong to these records of this partition.
  package func run(
    userCountries: String?, counts: String?, names: UserFileNames = UserFileNames()
  ) throws {
    let stopwatch = Stopwatch()
    let scheme = PartitionScheme(partitions: partitions)
    if let userCountries { try SideOutput.userCountries.check(userCountries) }
    if let counts { try SideOutput.counts.check(counts, isOne: FrameHeader.isPart) }
    let output = try File.standardOutput()
    var files: [File] = []
    var countsFile: File?
    if records == .users { files = [output, try File.open(writing: userCountries ?? "/dev/null")] }
    if let counts { countsFile = try File.open(writing: counts) }
    let frames = try spilledFrames()
    // The list of sorted runs is already resident, and a worker makes two more lists from it.
    let plan = try MemoryPlan(
      memory: memory, threads: 1, scheme: scheme, charts: charts, countries: countries.count,
      days: [],
      resident: ProcessMemory.resident + 2 * frames.runs.count * MemoryLayout<SortedRun>.stride)
    let parts = PartitionedOutput(
      files: files, partitions: scheme.count, from: partition)
    let countryCharts = CountryCharts(countries: countries.count, top: charts.top)
    var worker = ChartWorker(
      in: try plan.makeArenas()[0], runs: frames.runs.count, scheme: scheme,
      countries: countries, top: charts.top, spillFolder: spillFolder, encoding: charts.encoding,
      output: parts, countryCharts: countryCharts)
    do {
      try worker.chart(records.kind, partition, frames.runs)
    } catch SpillError.corrupt(let path, let offset) where path == frames.path {
      // The frames that were read are damaged, or the disk damaged them after they were spilled.
      throw FrameError(.damaged, offset: offset)
    }
    let writer = FrameWriter(countsFile ?? output, partitions: scheme.count)
    if records == .countries { try write(countryCharts.present, to: writer) }
    guard records == .countries || countsFile != nil else { return }
    let totals = worker.totals
    try writer.write(
      .part,
      record: PartRecord(
        kind: records.kind, partition: partition,
        shape: charts.partShape(partitions: partitions, countries),
        streams: Int(records == .users ? totals.userStreams : totals.countryStreams),
        files: zip(parts.totals, names.both).map {
          PartRecord.File($0.0, name: $0.1)
        },
        usersByStreams: totals.usersByStreams.users,
        streamsByCountry: countryCharts.streamsByCountry(countries),
        work: ProcessWork(
          threads: 1, memoryBudget: memory,
          peakResident: ProcessMemory.peakResident, spillBytes: frames.byteCount,
          spillRuns: frames.runs.count, seconds: stopwatch.seconds)))
  }

  private var spillFolder: String { spills.folder ?? "." }

  /// The sorted runs that were read, in a file that disappears when the process ends.
  private struct SpilledFrames {
    let path: String
    var runs: [SortedRun] = []
    var byteCount = 0
  }

  /// Copies the frames of standard input to a spill file.
  private func spilledFrames() throws -> SpilledFrames {
    let spill = try File.createAnonymous(in: spillFolder)
    let input = try File.standardInput()
    var frames = SpilledFrames(path: spill.path)
    let spillFile = SpillFile(file: spill, end: Int.max)
    let reader = FrameReader(input, partitions: partitions)
    while let header = try reader.next() {
      guard header.kind == .run, header.runClass.kind == records.kind,
        header.partition == partition
      else { throw reader.error(.otherDestination) }
      if let limit = spills.limit, frames.byteCount + header.payloadBytes > limit {
        throw SpillError.limit(limit)
      }
      try reader.copyPayload(of: header, to: spill, at: frames.byteCount)
      let run = SortedRun(
        header.extent, header.runClass, partition, in: spillFile, segmentStart: frames.byteCount)
      if run.records > 0 { frames.runs.append(run) }
      frames.byteCount += header.payloadBytes
    }
    return frames
  }

  /// Writes charts as lines of text, many lines per frame.
  private func write(
    _ present: [(country: UInt8, chart: TopSongs)], to frames: FrameWriter
  ) throws {
    let maxLineBytes = ChartFormat.text.maxChartBytes(top: charts.top)
    let capacity = max(64 << 10, maxLineBytes)
    func layOut(in arena: Arena) -> TextBuffer.Memory {
      TextBuffer.Memory(in: arena, byteCount: capacity)
    }
    try Arena.withMemory(of: layOut) { memory in
      var text = TextBuffer(memory)
      for (country, chart) in present {
        if text.free < maxLineBytes {
          try unsafe frames.write(.localCharts, text.contents)
          text.removeAll()
        }
        let letters = countries.letters(at: country)
        _ = text.append(.country(letters), chart: chart, as: .text)
      }
      if text.count > 0 { try unsafe frames.write(.localCharts, text.contents) }
    }
  }
}
