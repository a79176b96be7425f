internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

/// What all logs and partitions of a job gave, read from their frames.
///
/// Memory: about 1 KiB a log and a partition, and the charts of the countries.
struct AssembledParts {
  /// In the order of their days and names.
  private(set) var inputs: [Manifest.Input] = []
  private(set) var samples = FirstSamples()
  let countryCharts: CountryCharts
  private(set) var usersByStreams = StreamHistogram()
  private(set) var rollupWork: [ProcessWork] = []
  private(set) var chartWork: [ProcessWork] = []

  private static let userFiles = 2

  private let rules: RowRules
  private let charts: ChartOptions
  private let partitions: Int
  /// What each part must say that it was made with.
  private let shape: String
  /// By kind, then by partition.
  private var parts: [PartRecord?]
  /// Local charts that came, and those that the parts speak of.
  private var mergedCharts = 0
  private var expectedCharts = 0
  /// Sums that are known to fit: rows, bytes, text and repaired rows of logs; streams of users and of
  /// countries; bytes, lines and entries of each file of users.
  private var sums = [Int](repeating: 0, count: 6 + 3 * userFiles)

  var work: [ProcessWork] { rollupWork + chartWork }

  /// Reads all frames.
  ///
  /// - Parameter rules: those that the rows of each log must have been accepted by.
  init(_ reader: FrameReader, _ charts: ChartOptions, _ rules: RowRules) throws {
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

  /// Adds counts, each to a sum of its own.
  ///
  /// - Throws: `FrameError` when a sum is more than there can be.
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
    // Good and bad rows are added to each other later.
    try count([input.accepted, input.bytes, input.textBytes], from: 0, reader)
    try count([input.rejected], from: 0, reader)
    try count([input.repairedByRule.saturatedSum(\.rows)], from: 3, reader)
    inputs.append(log.input)
    samples.add(log.samples, day: log.input.day, log: log.input.name)
    rollupWork.append(log.work)
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

  /// Merges lines of local charts, whose streams their part counts; false when they are none.
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

  /// The two files of users, as their parts make them.
  ///
  /// - Throws: `PartsError` unless each part and all local charts are there, and each accepted row
  ///   is in one chart of each kind.
  func joinedUsers() throws -> [PartitionedOutput.Written] {
    var users = Array(repeating: PartitionedOutput.Written(), count: Self.userFiles)
    // These sums fit: they were added before.
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

extension RecordKind {
  var records: PartitionJob.Records { self == .user ? .users : .countries }
}
