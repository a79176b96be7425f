package import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem
internal import FoundationEssentials

/// What one process of an engine used, for the manifest's `run`.
struct ProcessWork: Codable, Sendable, Equatable {
  let threads: Int
  /// Bytes.
  let memoryBudget: Int
  let peakResident: Int
  let spillBytes: Int
  let spillRuns: Int
  /// Wall time.
  let seconds: Double
}

/// What `rollup --frames` says of its log.
struct LogRecord: Codable, Sendable, Equatable {
  /// The rules that decided which rows count: `RowRules.identity`.
  let rules: String
  let input: Manifest.Input
  let samples: [Manifest.Sample]
  let work: ProcessWork
}

/// What `chart` says of its half of a partition.
struct PartRecord: Codable, Sendable, Equatable {
  /// One of the two files of users.
  struct File: Codable, Sendable, Equatable {
    let bytes: Int
    let lines: Int
    let entries: Int
    let crc: UInt32
  }

  let kind: RecordKind
  let partition: Int
  /// Text that is equal for flags that make parts of one whole.
  let shape: String
  /// Counted before the cut to the top.
  let streams: Int
  /// Charts and countries of users; none of a country partition.
  let files: [File]
  /// As in the manifest; of users only, and of countries only.
  let usersByStreams: [Int]
  let streamsByCountry: [Manifest.CountryStreams]
  let work: ProcessWork
}

extension RecordKind: Codable {}

// A stream of frames may be anything whose CRCs are right. What is checked here is what one record
// can show: counts that are not negative and agree with each other.

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
      files.allSatisfy({ $0.bytes >= 0 && $0.lines >= 0 && $0.entries >= 0 })
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
  init(_ written: PartitionedOutput.Written) {
    self.init(
      bytes: written.checksum.byteCount, lines: written.lines, entries: written.entries,
      crc: written.checksum.crc)
  }

  var part: PartitionedOutput.Part {
    .init(checksum: Checksum(crc: crc, byteCount: bytes), lines: lines, entries: entries)
  }
}

extension ChartOptions {
  /// What all parts of one job have in common.
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
