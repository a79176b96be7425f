internal import ChartmillSystem

/// The layout of a stream of frames, which carry rollups and counts between the machines of a
/// distributed job.
///
/// A scheduler, such as Apache Spark or a shell loop, moves frames between `rollup --frames`,
/// `chart` and `assemble`. It needs only the first fields of a header: the destination of the
/// frame, and the length of its payload.
///
///     stream  := frame*                    in any order; concatenated streams are a stream
///     frame   := header  payload
///     header  := a stored member of `payloadBytes` bytes: nine words, little-endian
///     payload := the blocks of a sorted run as in a spill file, or one stored member
///
/// Every byte is in a gzip member, as in a spill file. So `gzip -t` checks a stream, `zcat` reads
/// it, and the CRC of each member covers its payload.
enum FrameFormat {
  static let magic: UInt64 = 0x4d52_465f_4d43_0002

  /// The number of words in a header: magic, destination, payload bytes, kind, partitions, class,
  /// records, groups, items.
  static let words = 9
  static let payloadBytes = words * MemoryLayout<UInt64>.stride
  static let headerBytes = GzipMember.storedBytes(payloadBytes)

  /// The maximum size of a payload that is held in memory: a record, or some local charts.
  static let maxHeldBytes = 64 << 20
}
