package import ChartmillSystem

/// Why a log cannot be read to its end.
package enum LogError: Error, Sendable, Equatable {
  case notARegularFile(path: String)
  /// A file of the explicit list whose name carries no date, when no `--date` helps.
  case undatedLog(path: String)
  case corruptGzip(path: String, offset: Int, problem: GzipProblem)
  /// A log whose first bytes are those of another format than rows.
  case notText(path: String, LogFormat.Finding)
  /// Standard input ended before its first byte.
  case nothingRead(path: String)
  /// Size or modification time differ between opening and the end of reading.
  case changedWhileRead(path: String)
}
