/// `chartmill state`: what a state folder holds.
public struct StateFolder {
  private let store: DigestStore

  /// Takes the folder, which must exist, as a run does. Throws `.input`, `.locked`.
  public init(_ path: String, waits: Bool) throws(JobError) {
    do {
      _ = try Folder.open(path)
    } catch {
      throw .input(error)
    }
    store = try DigestStore(folder: path, waits: waits)
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
        entries.append(
          Entry(day: day, path: path, facts: nil, problem: "not a whole digest of this version"))
        continue
      }
      let record = kept.record
      let facts = Facts(
        byteCount: kept.byteCount, accepted: record.inputs.reduce(0) { $0 + $1.accepted },
        rejected: record.inputs.reduce(0) { $0 + $1.rejected }, partitions: record.partitions,
        rules: record.rules, sources: record.sources.map(\.name))
      var problem: String?
      if checks { problem = try SpillCheck.problem(of: kept, accepted: facts.accepted) }
      entries.append(Entry(day: day, path: path, facts: facts, problem: problem))
    }
    return entries
  }

  /// Removes the digests of days further back than `keepDays` from the newest; returns their days.
  public func prune(keepDays: Int) throws(JobError) -> [Day] {
    let days = try store.days()
    guard let newest = days.last else { return [] }
    let gone = days.filter { $0 < newest.advanced(by: 1 - keepDays) }
    for day in gone { try store.remove(day) }
    return gone
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
      if case .corruptSpill(_, let offset) = error { return "damaged at byte \(offset)" }
      throw error
    }
  }
}
