internal import ChartmillCore

/// Reads a kept rollup from end to end.
enum SpillCheck {
  /// What is wrong with it, or nil. Every CRC is checked, every record decoded, and the streams of
  /// both halves are compared with the rows the record says were accepted.
  static func problem(of kept: KeptRollup, _ record: RollupRecord) throws -> String? {
    let accepted = record.accepted
    let bits = record.partitions.trailingZeroBitCount
    do {
      let streams = try kept.spill.countStreams(partitionBits: bits)
      for kind in RecordKind.allCases where streams[kind] != accepted {
        return "\(streams[kind] ?? 0) streams where \(accepted) rows were accepted"
      }
      return nil
    } catch SpillError.corrupt(_, let offset) {
      return "damaged in the piece that begins at byte \(offset)"
    }
  }
}
