/// `chartmill state`: what a state folder holds.
public struct StateFolder {
  private let path: String
  private let store: DigestStore

  /// Opens the folder, which must exist. A run may be writing in it. Throws `.input`.
  public init(_ path: String) throws(JobError) {
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
    public let sources: [String]
  }

  /// All digests by day. With `checks`, reads and decodes every run of each: time linear in its
  /// size, memory some hundred KiB.
  public func entries(checks: Bool) throws(JobError) -> [Entry] {
    var entries: [Entry] = []
    for day in try store.days() {
      try StopRequest.check()
      let path = store.path(of: day)
      guard let kept = try store.open(day), kept.record.format == DigestRecord.format else {
        // A run may have dropped it meanwhile.
        guard try store.contains(day) else { continue }
        entries.append(
          Entry(day: day, path: path, facts: nil, problem: "not a complete digest of this version"))
        continue
      }
      let record = kept.record
      let facts = Facts(
        byteCount: kept.byteCount, accepted: record.accepted, rejected: record.rejected, partitions: record.partitions,
        rules: record.rules, sources: record.sources.map(\.name))
      var problem: String?
      if checks { problem = try SpillCheck.problem(of: kept, accepted: facts.accepted) }
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
  ) throws(JobError) -> [Day] {
    let store = try DigestStore(folder: path, waits: waits)
    guard let newest = try store.newestWhole(notAfter: latest ?? .latestPlausible) else {
      return []
    }
    return try store.prune(before: newest.advanced(by: 1 - keepDays))
  }
}

/// Reads a kept digest from end to end.
enum SpillCheck {
  /// What is wrong with it, or nil. Every CRC is checked, every record decoded, and the streams of
  /// both halves are compared with the rows the record says were accepted.
  static func problem(of kept: KeptDigest, accepted: Int) throws(JobError) -> String? {
    guard (1...1024).contains(kept.record.partitions),
      kept.record.partitions.nonzeroBitCount == 1
    else { return "its record is not one of ours" }
    let bits = kept.record.partitions.trailingZeroBitCount
    let blockBytes = SpillFormat.blockRecords * MemoryLayout<WideKey>.stride
    let slab = try JobError.writing { () throws(SystemError) in
      try Slab(byteCount: RunReader.byteCount(partitionBits: bits) + blockBytes + 4096)
    }
    var reader = RunReader(slab: slab, deflate: Deflate(), partitionBits: bits)
    let block = slab.carve(WideKey.self, SpillFormat.blockRecords)
    let layout = KeyLayout(majorBits: 64, minorBits: 64, tagBits: 8, countBits: 4)
    do throws(JobError) {
      for kind in RecordKind.allCases {
        var streams = 0
        for partition in 0..<kept.record.partitions {
          for var run in try reader.runs(kind, partition, in: kept.spill) {
            while !run.isAtEnd {
              let count = try reader.readBlock(of: &run, into: block, layout)
              for index in 0..<count { streams += Int(block[index].countField) }
            }
          }
          try StopRequest.check()
        }
        if streams != accepted { return "\(streams) streams where \(accepted) rows were accepted" }
      }
      return nil
    } catch {
      if case .corruptSpill(_, let offset) = error { return "damaged in the piece that begins at byte \(offset)" }
      throw error
    }
  }
}
