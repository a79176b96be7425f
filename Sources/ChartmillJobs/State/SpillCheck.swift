internal import ChartmillCore

/// Checks a kept rollup from end to end.
enum SpillCheck {
  /// Checks every CRC, decodes every record, and compares the streams of both kinds of records with
  /// the number of accepted rows. Returns what is wrong; nil if nothing is.
  static func problem(of kept: KeptRollup, _ record: RollupRecord) throws -> String? {
    let accepted = record.accepted
    let bits = record.partitions.trailingZeroBitCount
    do {
      let streams = try kept.spill.countStreams(partitionBits: bits)
      for kind in RecordKind.allCases where streams[kind] != accepted {
        return "\(streams[kind] ?? 0) streams, but \(accepted) accepted rows"
      }
      return nil
    } catch SpillError.corrupt(_, let offset) {
      return "damaged in the part that begins at byte \(offset)"
    }
  }
}
