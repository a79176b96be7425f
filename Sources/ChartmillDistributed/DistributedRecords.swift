package import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem
internal import FoundationEssentials

/// The resources that one process of a distributed job used, for `run` in the manifest.
struct ProcessWork: Codable, Sendable, Equatable {
  let threads: Int
  /// `Resources.memory`, in bytes.
  let memoryBudget: Int
  let peakResident: Int
  let spillBytes: Int
  let spillRuns: Int
  /// The wall time.
  let seconds: Double
}

/// What `rollup --frames` reports about its log.
struct LogRecord: Codable, Sendable, Equatable {
  /// `RowRules.identity` of the rules that the rows were accepted by.
  let rules: String
  let input: Manifest.Input
  let samples: [Manifest.Sample]
  let work: ProcessWork
}

/// What `chart` reports about the users or the countries of a partition.
struct PartRecord: Codable, Sendable, Equatable {
  /// One of the two files of users.
  struct File: Codable, Sendable, Equatable {
    /// Its path beside the manifest if it stays a file of its own; nil if the parts are joined.
    let name: String?
    let bytes: Int
    let lines: Int
    let entries: Int
    let crc: UInt32
  }

  let kind: RecordKind
  let partition: Int
  /// `ChartOptions.partShape`, which is equal for all parts of a job.
  let shape: String
  /// The streams counted before charts are cut to `top`.
  let streams: Int
  /// The user charts and the user countries; empty for countries.
  let files: [File]
  /// The histogram of the manifest, which is empty for countries.
  let usersByStreams: [Int]
  /// The counts of the manifest, which are empty for users.
  let streamsByCountry: [Manifest.CountryStreams]
  let work: ProcessWork
}

extension RecordKind: Codable {}

// The CRCs of a frame can be correct although its record is wrong. These checks of a single record
// find counts that are negative or contradict each other.

extension ProcessWork {
  var isConsistent: Bool {
    threads >= 0 && memoryBudget > 0 && peakResident >= 0 && spillBytes >= 0 && spillRuns >= 0
      && Manifest.Run.plausibleSeconds.contains(seconds)
  }
}

extension LogRecord {
  var isConsistent: Bool {
    input.bytes >= 0 && input.textBytes >= 0 && input.accepted >= 0
      && input.rejectedByReason.checkedSum(\.rows) == input.rejected
      && input.repairedByRule.checkedSum(\.rows) != nil && work.isConsistent
  }
}

extension PartRecord {
  var isConsistent: Bool {
    guard streams >= 0, work.isConsistent, usersByStreams.count <= StreamHistogram.maxBuckets,
      files.allSatisfy({ $0.bytes >= 0 && $0.lines >= 0 && $0.entries >= 0 }),
      files.allSatisfy({ $0.name.map(Manifest.Output.isFile) ?? true })
    else { return false }
    switch kind {
    case .user:
      let users = usersByStreams.checkedSum(\.self)
      return files.allSatisfy { $0.entries == users } && streamsByCountry.isEmpty
    case .country:
      return usersByStreams.isEmpty && streamsByCountry.allSatisfy { $0.streams > 0 }
        && streamsByCountry.checkedSum(\.streams) == streams
    }
  }
}

extension PartRecord.File {
  init(_ written: PartitionedOutput.Written, name: String?) {
    self.init(
      name: name, bytes: written.checksum.byteCount, lines: written.lines, entries: written.entries,
      crc: written.checksum.crc)
  }

  var part: PartitionedOutput.Part {
    .init(checksum: Checksum(crc: crc, byteCount: bytes), lines: lines, entries: entries)
  }
}

extension ChartOptions {
  /// A text that identifies the options that all parts of a job must share.
  func partShape(partitions: Int, _ countries: CountryList) -> String {
    "top \(top), \(encoding.format.rawValue)\(encoding.compresses ? ", gzip" : ""), "
      + "\(partitions) partitions, \(countries.identity)"
  }
}

extension FrameWriter {
  /// Writes a record as JSON.
  func write(_ kind: FrameKind, record: some Encodable) throws {
    try unsafe prettyJSON(record).withUnsafeBufferPointer { json in
      try unsafe write(kind, UnsafeRawBufferPointer(json))
    }
  }
}

extension FrameReader {
  /// Reads a record of JSON.
  func record<Record: Decodable>(_: Record.Type, of header: FrameHeader) throws -> Record {
    let json = try heldPayload(of: header)
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(json)) else {
      throw error(.damaged)
    }
    return record
  }
}
