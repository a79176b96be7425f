internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem

extension LogError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .notARegularFile: .noInput
    case .undatedLog, .corruptGzip, .notText, .nothingRead, .changedWhileRead: .data
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .notARegularFile(let path):
      Explanation(
        "\(SafeText(path)): not a regular file",
        "If it is a folder of logs, write --logs \(shellWord(path)). Otherwise move it away: pipes and "
          + "devices are not read."
      )
    case .undatedLog(let path):
      Self.undated(path)
    case .corruptGzip(let path, let offset, let problem):
      Explanation(
        "\(SafeText(path)): \(problem.text), at byte \(offset) of the file",
        context.readsCharts
          ? ChartsError.advice : context.after(Self.gzipAdvice(path, offset, problem))
      )
    case .notText(let path, let finding):
      FormatText(finding, path: path).explanation
    case .nothingRead(let path):
      Explanation(
        "\(SafeText(path)): standard input ended before its first byte",
        "Did the command before the pipe fail? Nothing was kept."
      )
    case .changedWhileRead(let path):
      Explanation(
        "\(SafeText(path)): changed while it was read",
        context.readsCharts
          ? "A run may just have replaced it: try again."
          : context.after("Run again when the log is complete.")
      )
    }
  }

  private static func gzipAdvice(
    _ path: String, _ offset: Int, _ problem: GzipProblem
  ) -> String {
    if problem == .badHeader, offset == 0 {
      return "Its name says gzip and its content does not: rename it if it is plain text, "
        + "or fetch it again."
    }
    return "Fetch the log again; 'gzip -t' checks it."
  }

  /// The words for a file whose name does not give its day.
  private static func undated(_ path: String) -> Explanation {
    let name = LogNameHint(path)
    if let compression = name.compression {
      return Explanation(
        "\(SafeText(path)): compressed with \(compression.name), which is not read",
        "Convert it: \(compression.command) \(shellWord(path)) | gzip > "
          + "listen-\(name.day.map { "\($0)" } ?? "YYYYMMDD").log.gz"
      )
    }
    return Explanation(
      "\(SafeText(path)): no date in its name, as listen-YYYYMMDD.log has it",
      "Say which day it is of, for example --date \(name.day.map { "\($0)" } ?? "20260705"), "
        + "or rename it to listen-YYYYMMDD.log or listen-YYYYMMDD.log.gz."
    )
  }
}

extension GzipProblem {
  var text: String {
    switch self {
    case .truncated: "the gzip data ends too early"
    case .badHeader: "not a gzip header"
    case .corruptData: "corrupt gzip data"
    case .checksumMismatch: "gzip data with a wrong checksum"
    case .lengthMismatch: "gzip data with a wrong length"
    }
  }
}
