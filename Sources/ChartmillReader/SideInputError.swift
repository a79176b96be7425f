internal import ChartmillCore
package import ChartmillSystem

/// What is wrong with a file that a flag names besides the charts: a list of users, or
/// titles of songs.
package struct SideInputError: Error, Sendable, Equatable {
  package enum Problem: Sendable, Equatable {
    /// The line is not a user id; `text` is its beginning.
    case notAUser(text: String)
    /// The list has no user id.
    case noUsers
    /// The first line of a file of song titles does not name its columns.
    case noHeading
    /// A quoted field that begins in the line has no end.
    case openQuote
    case lineTooLong(max: Int)
    /// The gzip data are damaged at a byte of the file.
    case corruptGzip(offset: Int, GzipProblem)
    case changedWhileRead
    case notARegularFile
    /// Standard input was empty.
    case nothingRead
  }

  package let path: String
  /// The line number, from 1; nil if the problem is not in one line.
  package let line: Int?
  package let problem: Problem

  init(path: String, line: Int? = nil, _ problem: Problem) {
    self.path = path
    self.line = line
    self.problem = problem
  }

  /// Opens a file and reads its lines.
  ///
  /// - Parameter path: `-` means standard input, which must not be empty.
  /// - Throws: `SideInputError` instead of `LogError`; `SystemError`; what `body` throws.
  static func withLines(
    of path: String, maxLineBytes: Int, _ body: (TextLines, _ path: String) throws -> Void
  ) throws {
    do {
      let isStandardInput = path == LogFile.standardInputPath
      let file =
        try isStandardInput
        ? LogFile(standardInputNamed: "standard input", mayBeEmpty: false) : LogFile(path: path)
      let lines = TextLines(
        try TextReader(file, recognizesFormats: false), maxLineBytes: maxLineBytes)
      do {
        try body(lines, file.path)
      } catch is TextLines.LineTooLong {
        throw SideInputError(
          path: file.path, line: lines.number, .lineTooLong(max: maxLineBytes))
      }
    } catch let error as LogError {
      throw SideInputError(error) ?? error
    }
  }

  private init?(_ error: LogError) {
    switch error {
    case .notARegularFile(let path): self.init(path: path, .notARegularFile)
    case .corruptGzip(let path, let offset, let problem):
      self.init(path: path, .corruptGzip(offset: offset, problem))
    case .changedWhileRead(let path): self.init(path: path, .changedWhileRead)
    case .nothingRead(let path): self.init(path: path, .nothingRead)
    case .undatedLog, .notAListing, .notText: return nil
    }
  }
}
