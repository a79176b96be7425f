internal import ChartmillCore
internal import ChartmillJobs
package import ChartmillModel
internal import ChartmillSystem

/// `chartmill chart`: one half of one partition, from its frames of all logs, in any order, to
/// charts. The part of the second phase that an engine runs on many machines at once.
package struct PartitionJob: Sendable {
  /// Which half of a partition's records.
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
  ///   - partitions: how many there are.
  ///   - memory: bytes, as `Resources.memory`.
  /// - Precondition: there is such a partition.
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

  /// Reads frames from standard input. Of users, writes the lines of their charts to standard
  /// output, those of their countries to the file `userCountries` and a `part` frame to the file `counts`,
  /// where these are named; parts of all partitions in their order are the files of `ChartJob`. Of
  /// countries, writes their local charts and a `part` frame to standard output.
  ///
  /// Memory: at most `memory` resident, some hundred bytes a frame among it. Disk: as
  /// many bytes as come in, twice that where the runs are more than can be merged at once.
  ///
  /// - Throws: `FrameError` for what is no frame of this half of this partition.
  package func run(userCountries: String?, counts: String?) throws {
    let stopwatch = Stopwatch()
    let scheme = PartitionScheme(partitions: partitions)
    if let userCountries { try OwnFile.userCountries.check(userCountries) }
    if let counts { try OwnFile.counts.check(counts, isOne: FrameHeader.isPart) }
    let output: File
    var files: [File] = []
    var countsFile: File?
    output = try File.standardOutput()
    if records == .users { files = [output, try File.open(writing: userCountries ?? "/dev/null")] }
    if let counts { countsFile = try File.open(writing: counts) }
    let frames = try spilledFrames()
    // Made when all runs are known, whose list is resident then; a worker sorts it into two.
    let plan = try MemoryPlan(
      memory: memory, threads: 1, scheme: scheme, charts: charts, countries: countries.count,
      days: [],
      resident: ProcessMemory.resident + 2 * frames.runs.count * MemoryLayout<SortedRun>.stride)
    let parts = PartitionedOutput(
      files: files, partitions: scheme.count, from: partition)
    let countryCharts = CountryCharts(countries: countries.count, top: charts.top)
    var worker = ChartWorker(
      in: try plan.makeArenas()[0], scheme: scheme, countries: countries,
      top: charts.top, spillFolder: spillFolder, encoding: charts.encoding,
      output: parts, countryCharts: countryCharts)
    do {
      try worker.chart(records.kind, partition, frames.runs)
    } catch SpillError.corrupt(let path, let offset) where path == frames.path {
      // What came in is what was damaged, or else the disk that it waited on.
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
        files: parts.totals.map(PartRecord.File.init),
        usersByStreams: totals.usersByStreams.users,
        streamsByCountry: countryCharts.streamsByCountry(countries),
        work: ProcessWork(
          threads: 1, memoryBudget: memory,
          peakResident: ProcessMemory.peakResident, spillBytes: frames.byteCount,
          spillRuns: frames.runs.count, seconds: stopwatch.seconds)))
  }

  private var spillFolder: String { spills.folder ?? "." }

  /// The runs that came in, in a file that goes with the process.
  private struct SpilledFrames {
    let path: String
    var runs: [SortedRun] = []
    var byteCount = 0
  }

  private func spilledFrames() throws -> SpilledFrames {
    let (spill, input): (File, File)
    spill = try File.createAnonymous(in: spillFolder)
    input = try File.standardInput()
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

  /// As lines of text, many to a frame.
  private func write(
    _ present: [(country: UInt8, chart: TopSongs)], to frames: FrameWriter
  ) throws {
    let mostLineBytes = ChartFormat.text.maxChartBytes(top: charts.top)
    let capacity = max(64 << 10, mostLineBytes)
    func layOut(in arena: Arena) -> TextBuffer.Memory {
      TextBuffer.Memory(in: arena, byteCount: capacity + TextBuffer.Memory.tableBytes)
    }
    let arena = try Arena(byteCount: Arena.byteCount(of: layOut))
    defer { withExtendedLifetime(arena) {} }
    var text = TextBuffer(layOut(in: arena))
    for (country, chart) in present {
      if text.free < mostLineBytes {
        try unsafe frames.write(.localCharts, text.contents)
        text.removeAll()
      }
      let letters = countries.letters(at: country)
      _ = text.append(.country(letters), chart: chart, as: .text)
    }
    if text.count > 0 { try unsafe frames.write(.localCharts, text.contents) }
  }
}
