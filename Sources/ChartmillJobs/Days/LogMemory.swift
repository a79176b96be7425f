/// The memory that the logs of a window need, whatever their contents.
enum LogMemory {
  /// The bytes that are kept for a log until the manifest is written: its `RolledUpLog` with the
  /// counts of its bad rows, and its entry in `LogTotals`, both in arrays with spare capacity.
  static let logBytes = 384
  /// The total number of bytes that a log needs, including its name and path.
  private static let logBytesInAll = 2 * logBytes
  /// The approximate bytes that a run needs besides its logs.
  private static let bytesBesideLogs = 20 << 20

  /// The number of logs that may fit in a budget. With more, a run fails before it examines them.
  static func maxLogs(budget: Int) -> Int { max(0, budget - bytesBesideLogs) / logBytesInAll }

  /// The approximate budget for a number of logs, a multiple of 1 MiB.
  static func minBudget(logs: Int) -> Int {
    (bytesBesideLogs + logs * logBytesInAll + (1 << 20) - 1) & ~((1 << 20) - 1)
  }
}
