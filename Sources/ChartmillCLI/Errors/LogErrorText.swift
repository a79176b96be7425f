internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem

extension LogError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .notARegularFile: .noInput
    case .undatedLog, .notAListing, .corruptGzip, .notText, .nothingRead, .changedWhileRead: .data
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .notARegularFile(let path):
      Self.notAFile(path, context)
    case .undatedLog(let path):
      Self.undated(path)
    case .notAListing(let path, let line):
      Explanation(
        "\(SafeText(path)): line \(line) is not a size and a name",
        "Write one line per file: its size in bytes, a space, and its name without a folder."
      )
    case .corruptGzip(let path, let offset, let problem):
      Explanation(
        "\(SafeText(path)): \(problem.text) at byte \(offset)",
        context.readsCharts
          ? ChartsError.advice : context.after(Self.gzipAdvice(path, offset, problem))
      )
    case .notText(let path, let finding):
      FormatText(finding, path: path).explanation
    case .nothingRead(let path):
      Explanation(
        "\(SafeText(path)): standard input was empty",
        "Did the command before the pipe fail?"
          + (context.outcome == nil ? "" : " Nothing was kept.")
      )
    case .changedWhileRead(let path):
      Explanation(
        "\(SafeText(path)): the file changed while it was being read",
        context.readsCharts
          ? ChartsError.advice
          : context.after("Run again when the log is complete.")
      )
    }
  }

  private static func gzipAdvice(
    _ path: String, _ offset: Int, _ problem: GzipProblem
  ) -> String {
    if problem == .badHeader, offset == 0 {
      return "The log's name ends in .gz, but its content is not gzip: rename the log if it is "
        + "plain text, or fetch it again."
    }
    return "Fetch the log again; 'gzip -t' checks it."
  }

  /// The text about a folder, a pipe or a device where a file is expected.
  private static func notAFile(_ path: String, _ context: ErrorContext) -> Explanation {
    guard (try? Folder.open(path)) != nil else {
      return Explanation(
        "\(SafeText(path)): not a regular file", "Pipes and devices cannot be read by name.")
    }
    return Explanation(
      "\(SafeText(path)): a folder instead of a file",
      context.namesFiles && context.takes(.logs)
        ? "To read the logs in it, use --logs \(shellWord(path))."
        : "Rename the folder, or move it away.")
  }

  /// The text about a file whose name does not contain its day.
  private static func undated(_ path: String) -> Explanation {
    let name = LogNameHint(path)
    if let compression = name.compression {
      return Explanation(
        "\(SafeText(path)): compressed with \(compression.name); "
          + "only gzip and plain text can be read",
        "Convert it: \(compression.command) \(shellWord(path)) | gzip > "
          + "listen-\(name.day.map { "\($0)" } ?? "YYYYMMDD").log.gz"
      )
    }
    return Explanation(
      "\(SafeText(path)): no date in its name; expected listen-YYYYMMDD.log or .log.gz",
      "Rename it, or give its date, for example --date \(name.day.map { "\($0)" } ?? "20260705")."
    )
  }
}

extension GzipProblem {
  var text: String {
    switch self {
    case .truncated: "truncated gzip data"
    case .badHeader: "invalid gzip header"
    case .corruptData: "corrupt gzip data"
    case .checksumMismatch: "wrong gzip checksum"
    case .lengthMismatch: "wrong gzip length"
    }
  }
}
