internal import FoundationEssentials

/// What one process of an engine used, for the manifest's `run`.
struct EngineWork: Codable, Sendable, Equatable {
  let threads: Int
  /// Bytes.
  let memoryBudget: Int
  let peakResident: Int
  let spillBytes: Int
  let spillRuns: Int
  /// Wall time.
  let seconds: Double
}

/// What `digest --frames` says of its log.
struct LogRecord: Codable, Sendable, Equatable {
  /// That decided which rows count: `JobConfiguration.rules`.
  let rules: String
  let input: Manifest.Input
  let samples: [Manifest.Sample]
  let work: EngineWork
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
  let work: EngineWork
}

extension RecordKind: Codable {}

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

extension JobConfiguration {
  /// What all parts of one job have in common.
  var partShape: String {
    "top \(top), \(encoding.format.rawValue)\(encoding.compresses ? ", gzip" : ""), "
      + "\(partitions) partitions, \(countries.identity)"
  }
}

extension FrameWriter {
  /// Writes a record as JSON.
  func write(_ kind: FrameKind, record: some Encodable) throws(JobError) {
    try prettyJSON(record).withUnsafeBufferPointer { json throws(JobError) in
      try write(kind, UnsafeRawBufferPointer(json))
    }
  }
}

extension FrameReader {
  /// Reads a record of JSON.
  func record<Record: Decodable>(_: Record.Type, of header: FrameHeader) throws(JobError) -> Record
  {
    let json = try heldPayload(of: header)
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(json)) else {
      throw error(.damaged)
    }
    return record
  }
}
