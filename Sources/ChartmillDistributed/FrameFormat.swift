internal import ChartmillSystem

/// The layout of a stream of frames: how a rollup leaves the machine that made it, and how counts
/// reach the manifest.
///
/// An engine (Apache Spark, or a loop of a shell) moves frames between `rollup --frames`, `chart`
/// and `assemble`. Of a frame it has to know only the header's first fields: how long it is, and
/// where it goes.
///
///     stream  := frame*                    in any order; two streams concatenated are a stream
///     frame   := header  payload
///     header  := a stored member of `payloadBytes` bytes: nine words, little-endian
///     payload := a run's blocks as they are in a spill file, or one stored member
///
/// As in a spill file, every byte lies in a gzip member, so `gzip -t` checks a stream, `zcat` reads
/// it, and each member's CRC guards its payload.
enum FrameFormat {
  static let magic: UInt64 = 0x4d52_465f_4d43_0001

  /// magic, destination, payload bytes, kind, partitions, class, records, majors, minors.
  static let words = 9
  static let payloadBytes = words * MemoryLayout<UInt64>.stride
  static let headerBytes = GzipMember.storedBytes(payloadBytes)

  /// Of a payload that is held in memory: a record, or some local charts.
  static let mostHeldBytes = 64 << 20
}
