package import ChartmillSystem

/// The reason why a log cannot be read to its end.
package enum LogError: Error, Sendable, Equatable {
  case notARegularFile(path: String)
  /// The name of a file on the command line has no date, and `--date` is missing.
  case undatedLog(path: String)
  /// A line of a listing, counted from 1, is not a size and a name.
  case notAListing(path: String, line: Int)
  case corruptGzip(path: String, offset: Int, problem: GzipProblem)
  /// The first bytes of a log show that its format is not rows of text.
  case notText(path: String, LogFormat.Finding)
  /// Standard input ended before its first byte.
  case nothingRead(path: String)
  /// The size or modification time of a log changed while it was read.
  case changedWhileRead(path: String)
}
