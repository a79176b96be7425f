internal import ChartmillModel

/// One log in a kept rollup: what it was, and what the manifest says of it.
struct RollupLogRecord: Codable, Sendable, Equatable {
  /// The file as it was when it was rolled up.
  struct Source: Codable, Sendable, Equatable {
    let byteCount: Int
    let modifiedNanoseconds: Int64
    /// When the kernel saw it changed, by content, name or time.
    let changedNanoseconds: Int64
    let inode: UInt64
    /// The checksum of its size and both its ends: see `LogIdentity`.
    let endsCRC32: UInt32

    /// Whether the log was never a file, so that none is missed: its time is zero.
    var isStandardInput: Bool { modifiedNanoseconds == 0 && inode == 0 }
  }

  let source: Source
  let input: Manifest.Input
}
