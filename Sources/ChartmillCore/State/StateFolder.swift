/// `chartmill state`: what a state folder holds.
public struct StateFolder {
  private let path: String
  private let store: DigestStore

  /// Opens the folder, which must exist. A run may be writing in it. Throws `.input`.
  public init(_ path: String) throws {
    self.path = path
    store = try DigestStore(reading: path)
  }

  /// A kept digest as a person would list it.
  public struct Entry: Sendable {
    public let day: Day
    public let path: String
    /// Nil when the file is not a whole digest of this version.
    public let facts: Facts?
    /// What is wrong with it; nil when nothing was found.
    public let problem: String?
  }

  public struct Facts: Sendable {
    public let byteCount: Int
    public let accepted: Int
    public let rejected: Int
    public let partitions: Int
    public let rules: String
    public let logs: Int
    /// The first few of them.
    public let sources: [String]
  }

  /// Logs that a listing names.
  private static let maxSources = 3

  /// All digests by day. With `checks`, reads and decodes every run of each: time linear in its
  /// size, memory some hundred KiB.
  public func entries(checks: Bool) throws -> [Entry] {
    var entries: [Entry] = []
    for day in try store.days() {
      try StopRequest.check()
      let path = store.path(of: day)
      guard let (kept, found) = try store.open(day), let record = found else {
        // A run may have dropped it meanwhile.
        guard try store.contains(day) else { continue }
        entries.append(
          Entry(day: day, path: path, facts: nil, problem: "not a complete digest of this version"))
        continue
      }
      var sources: [String] = []
      let isSound = try kept.forEachLog(store.deflate) { log throws in
        if sources.count < Self.maxSources { sources.append(log.input.name) }
      }
      let facts = Facts(
        byteCount: kept.byteCount, accepted: record.accepted, rejected: record.rejected,
        partitions: record.partitions, rules: record.rules, logs: record.logs, sources: sources)
      var problem = isSound ? nil : "its list of logs is damaged"
      if checks, isSound { problem = try SpillCheck.problem(of: kept, record) }
      entries.append(Entry(day: day, path: path, facts: facts, problem: problem))
    }
    return entries
  }

  /// Removes the digests of days further back than `keepDays` from the newest that can be read;
  /// returns their days. What is not a digest, or is dated after `latest`, decides nothing.
  ///
  /// Takes the folder as a run does. Throws `.locked`.
  public func prune(
    keepDays: Int, waits: Bool, latest: Day? = nil
  ) throws -> [Day] {
    let store = try DigestStore(folder: path, waits: waits)
    guard let newest = try store.newestWhole(notAfter: latest ?? Day.today()?.advanced(by: 1))
    else {
      return []
    }
    return try store.prune(before: newest.advanced(by: 1 - keepDays))
  }
}

/// Reads a kept digest from end to end.
enum SpillCheck {
  /// What is wrong with it, or nil. Every CRC is checked, every record decoded, and the streams of
  /// both halves are compared with the rows the record says were accepted.
  static func problem(of kept: KeptDigest, _ record: DigestRecord) throws -> String? {
    let accepted = record.accepted
    let bits = record.partitions.trailingZeroBitCount
    let directoryBytes = SegmentDirectory.workBytes(partitionBits: bits)
    let blockBytes = SpillFormat.blockRecords * MemoryLayout<WideKey>.stride
    let slab = try Slab(byteCount: RunReader.byteCount + directoryBytes + blockBytes + 4096)

    let deflate = Deflate()
    var reader = RunReader(slab: slab, deflate: deflate)
    let directoryMemory = slab.carve(directoryBytes)
    let block = slab.carve(WideKey.self, SpillFormat.blockRecords)
    let layout = KeyLayout(majorBits: 64, minorBits: 64, tagBits: 8, countBits: 4)
    do {
      var streams = [RecordKind.user: 0, .country: 0]
      try SegmentDirectory.forEach(
        in: kept.spill, partitionBits: bits, memory: directoryMemory, deflate
      ) { directory, start throws in
        for runClass in RunClass.all {
          for partition in 0..<(1 << bits) {
            try StopRequest.check()
            var run = Run(
              directory[runClass, partition], runClass, partition, in: kept.spill,
              segmentStart: start)
            while !run.isAtEnd {
              let count = try reader.readBlock(of: &run, into: block, layout)
              for index in 0..<count {
                streams[runClass.kind, default: 0] &+= Int(block[index].countField)
              }
            }
          }
        }
      }
      for kind in RecordKind.allCases where streams[kind] != accepted {
        return "\(streams[kind] ?? 0) streams where \(accepted) rows were accepted"
      }
      return nil
    } catch SpillError.corrupt(_, let offset) {
      return "damaged in the piece that begins at byte \(offset)"
    }
  }
}
