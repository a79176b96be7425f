internal import ChartmillModel

/// The record of a log in a kept rollup: its file, and what the manifest says about it.
struct RollupLogRecord: Codable, Sendable, Equatable {
  /// The file at the time it was rolled up.
  struct Source: Codable, Sendable, Equatable {
    let byteCount: Int
    let modifiedNanoseconds: Int64
    /// The time at which the kernel last saw a change of its content, name or times.
    let changedNanoseconds: Int64
    let inode: UInt64
    /// The checksum of its size and of both its ends; see `LogIdentity`.
    let endsCRC32: UInt32

    /// Whether the log came from standard input, so that no file can be missing. Its time and inode
    /// are then zero.
    var isStandardInput: Bool { modifiedNanoseconds == 0 && inode == 0 }
  }

  let source: Source
  let input: Manifest.Input
}
