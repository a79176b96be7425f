internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

/// The records and the country charts of a distributed job, read from the frames of all its logs
/// and partitions.
///
/// Memory: about 1 KiB per log and per partition, and the charts of the countries.
struct AssembledParts {
  /// The logs, ordered by their days and names.
  private(set) var inputs: [Manifest.Input] = []
  private(set) var samples = FirstSamples()
  let countryCharts: CountryCharts
  private(set) var usersByStreams = StreamHistogram()
  /// The work of the logs that this job rolled up.
  private(set) var rollupWork: [ProcessWork] = []
  private(set) var chartWork: [ProcessWork] = []

  private static let userFiles = 2

  private let rules: RowRules
  private let charts: ChartOptions
  private let partitions: Int
  private let keptDays: Set<Day>
  /// The `shape` that each part must have.
  private let shape: String
  /// The parts by kind, then by partition; nil if a part has not been read.
  private var parts: [PartRecord?]
  /// The number of local charts that were read.
  private var mergedCharts = 0
  /// The number of local charts that the parts count.
  private var expectedCharts = 0
  /// Sums that are checked for overflow: rows, bytes, text and repaired rows of logs; streams of
  /// users and of countries; bytes, lines and entries of each file of users.
  private var sums = [Int](repeating: 0, count: 6 + 3 * userFiles)

  var work: [ProcessWork] { rollupWork + chartWork }

  /// Reads all frames.
  ///
  /// - Parameters:
  ///   - rules: the rules that the rows of each log must have been accepted by.
  ///   - keptDays: the days whose logs an earlier job rolled up.
  /// - Throws: `FrameError`, and `PartsError` for a part that occurs twice or was made with
  ///   different flags.
  init(
    _ reader: FrameReader, _ charts: ChartOptions, _ rules: RowRules, keptDays: [Day] = []
  ) throws {
    self.keptDays = Set(keptDays)
    self.rules = rules
    self.charts = charts
    partitions = reader.partitions
    shape = charts.partShape(partitions: partitions, rules.countries)
    parts = Array(repeating: nil, count: RecordKind.allCases.count * partitions)
    countryCharts = CountryCharts(countries: rules.countries.count, top: charts.top)
    while let header = try reader.next() {
      switch header.kind {
      case .run: throw reader.error(.otherDestination)
      case .log: try add(try reader.record(LogRecord.self, of: header), reader)
      case .part: try add(try reader.record(PartRecord.self, of: header), reader)
      case .localCharts:
        if !merge(try reader.heldPayload(of: header)) { throw reader.error(.damaged) }
      }
    }
    inputs.sort { $0.precedes($1) }
  }

  /// Adds counts to `sums`, beginning with the sum at index `first`.
  ///
  /// - Throws: `FrameError` if a sum overflows.
  private mutating func count(
    _ counts: [Int], from first: Int, _ reader: FrameReader
  ) throws {
    for (index, count) in counts.enumerated() {
      let (sum, overflows) = sums[first + index].addingReportingOverflow(count)
      if overflows { throw reader.error(.damaged) }
      sums[first + index] = sum
    }
  }

  private mutating func add(_ log: LogRecord, _ reader: FrameReader) throws {
    guard log.rules == rules.identity else {
      throw PartsError.otherFlags(found: log.rules, expected: rules.identity)
    }
    guard log.isConsistent else { throw reader.error(.damaged) }
    let input = log.input
    // Accepted and bad rows share a sum, because they are added to each other later.
    try count([input.accepted, input.bytes, input.textBytes], from: 0, reader)
    try count([input.rejected], from: 0, reader)
    try count([input.repairedByRule.saturatedSum(\.rows)], from: 3, reader)
    inputs.append(log.input)
    samples.add(log.samples, day: log.input.day, log: log.input.name)
    if !keptDays.contains(log.input.day) { rollupWork.append(log.work) }
  }

  private mutating func add(_ part: PartRecord, _ reader: FrameReader) throws {
    guard part.shape == shape else {
      throw PartsError.otherFlags(found: part.shape, expected: shape)
    }
    let files = part.kind == .user ? Self.userFiles : 0
    guard (0..<partitions).contains(part.partition), part.files.count == files,
      part.isConsistent
    else { throw reader.error(.damaged) }
    let index = part.kind.rawValue * partitions + part.partition
    guard parts[index] == nil else {
      throw PartsError.twice(part.kind.records, partition: part.partition)
    }
    parts[index] = part
    try count([part.streams], from: 4 + part.kind.rawValue, reader)
    try count(part.files.flatMap { [$0.bytes, $0.lines, $0.entries] }, from: 6, reader)
    chartWork.append(part.work)
    usersByStreams.merge(users: part.usersByStreams)
    for one in part.streamsByCountry {
      guard one.streams > 0, let code = CountryCode(one.country),
        let country = rules.countries.index(code),
        countryCharts.add(UInt64(one.streams), to: Int(country))
      else { throw reader.error(.damaged) }
    }
    expectedCharts += part.streamsByCountry.count
  }

  /// Merges lines of local charts into the charts of the countries. Returns false if they are
  /// malformed.
  private mutating func merge(_ text: [UInt8]) -> Bool {
    let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * charts.top)
    defer { unsafe memory.deallocate() }
    var songs = SongListChecker(top: charts.top)
    return unsafe text.withUnsafeBytes { text in
      let lines = unsafe text.split(separator: UInt8(ascii: "\n"))
      for index in unsafe lines.indices {
        let line = unsafe lines[index]
        var parser = unsafe ChartLineParser(UnsafeRawBufferPointer(rebasing: line))
        guard let code = try? parser.country(.text),
          (try? parser.songs(.text, into: &songs)) != nil,
          let country = rules.countries.index(code)
        else { return false }
        var chart = unsafe TopSongs(limit: charts.top, memory: memory)
        for song in songs.songs { chart.insert(song: song.song, streams: song.streams) }
        guard countryCharts.merge(country: Int(country), chart) else { return false }
        mergedCharts += 1
      }
      return true
    }
  }

  /// The sizes and checksums of the two files of users, joined from those of their parts.
  ///
  /// - Throws: `PartsError` if a part or a local chart is missing, or if the charts do not count
  ///   every accepted row.
  func joinedUsers() throws -> [PartitionedOutput.Written] {
    var users = Array(repeating: PartitionedOutput.Written(), count: Self.userFiles)
    // These sums do not overflow, because `sums` was checked.
    let accepted = inputs.reduce(0) { $0 + $1.accepted }
    for kind in RecordKind.allCases {
      var streams = 0
      for partition in 0..<partitions {
        guard let part = parts[kind.rawValue * partitions + partition] else {
          throw PartsError.missing(kind.records, partition: partition)
        }
        streams += part.streams
        for (index, file) in part.files.enumerated() { users[index].append(file.part) }
      }
      guard streams == accepted else {
        throw PartsError.streams(kind.records, charted: streams, accepted: accepted)
      }
    }
    guard mergedCharts == expectedCharts else {
      throw PartsError.localCharts(found: mergedCharts, expected: expectedCharts)
    }
    return users
  }
}

extension AssembledParts {
  /// The names of the parts of the two files of users, in the order of the partitions and without
  /// empty parts; nil for a file whose parts have no names.
  ///
  /// - Throws: `PartsError.otherFlags` if only some of the parts have names.
  func userFileNames() throws -> [[String]?] {
    try (0..<Self.userFiles).map { index in
      let files = parts[..<partitions].compactMap { $0?.files[index] }
      let names = files.compactMap(\.name)
      if names.isEmpty { return nil }
      guard names.count == files.count else {
        throw PartsError.otherFlags(found: "a part without a name", expected: names[0])
      }
      return files.filter { $0.bytes > 0 }.compactMap(\.name)
    }
  }
}

extension RecordKind {
  var records: PartitionJob.Records { self == .user ? .users : .countries }
}
