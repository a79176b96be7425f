/// What the logs of a window take, whatever they hold.
enum LogMemory {
  /// What is remembered of a log until the manifest is written: `RolledUpLog` with the counts of its
  /// bad rows, and its entry in `LogTotals`, in lists that have grown beyond their contents.
  static let logBytes = 384
  /// What a log takes from being found to being published, its names included.
  private static let logBytesInAll = 2 * logBytes
  /// About what a run takes beside its logs.
  private static let bytesBesideLogs = 20 << 20

  /// Logs that a run with such a budget may hope to hold: with more it need not look at them first.
  static func maxLogs(budget: Int) -> Int { max(0, budget - bytesBesideLogs) / logBytesInAll }

  /// About the budget that a run of so many logs needs, a multiple of 1 MiB.
  static func minBudget(logs: Int) -> Int {
    (bytesBesideLogs + logs * logBytesInAll + (1 << 20) - 1) & ~((1 << 20) - 1)
  }
}
