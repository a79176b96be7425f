internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillText

extension WindowError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .windowBeforeCalendar: .usage
    case .duplicateDay, .missingDays, .daysWithoutRows, .noAcceptedRows, .noRowsOfLastDay: .data
    case .noLogs, .chartsInsteadOfLogs, .notAFolder, .noLogOfLastDay: .noInput
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .noLogs(let folder, let window, let overlooked):
      Explanation(
        "no logs" + (window.map { " for \(Self.dates($0))" } ?? "")
          + (folder.map { " in \(quoted($0))" } ?? ""),
        (overlooked.map { Self.capitalized($0.text) + "." } + [Self.logNames])
          .joined(separator: "\n  ")
      )
    case .chartsInsteadOfLogs(let folder):
      Explanation(
        "\(quoted(folder)) contains published charts instead of logs",
        "--logs is the folder to read, --out the folder to write: were they swapped?"
      )
    case .notAFolder(let path):
      Explanation(
        "\(SafeText(path)): a file, but --logs takes a folder",
        "To read one file, name it without --logs: \(shellWord(path))"
      )
    case .noLogOfLastDay(let day, let folder):
      Explanation(
        "no log for \(day), the last day of the window"
          + (folder.map { ", in \(quoted($0))" } ?? ""),
        "Correct the date, wait for the log, or add \(Flag.allowMissingLastDay.spelling) to chart "
          + "the previous days under that date."
      )
    case .noRowsOfLastDay(let day, let rejected):
      Explanation(
        "no accepted rows for \(day), the last day of the window: "
          + Self.contents(rejected: rejected),
        "Deliver the log again, or add \(Flag.allowMissingLastDay.spelling) to chart the previous "
          + "days under that date."
      )
    case .windowBeforeCalendar(let last, let days):
      Explanation(
        "a window of \(counted(days, "day")) that ends with \(last) begins before year 1",
        "Use fewer --days, or a later --date."
      )
    case .duplicateDay(let day, let paths):
      Explanation(
        Set(paths).count == 1
          ? "\(SafeText(paths[0])) was given twice: its rows would be counted twice"
          : "there are \(paths.count == 2 ? "two" : grouped(paths.count)) copies of the log for "
            + "\(day), so its rows would be counted twice: "
            + paths.map { SafeText($0).description }.joined(separator: ", "),
        context.namesFiles
          ? "Name only one of them." : "Remove one of them, or name the files to read."
      )
    case .missingDays(let missing):
      Explanation(
        "no log for \(days(missing))",
        "Add the logs, or leave out --require-all-days to chart the other days."
      )
    case .daysWithoutRows(let empty):
      Explanation(
        "no accepted rows in the log for \(days(empty))",
        "Correct the logs, or leave out --require-all-days to chart the other days."
      )
    case .noAcceptedRows(let window, let rejected):
      Explanation(
        "no accepted rows for \(Self.dates(window)): " + Self.contents(rejected: rejected),
        "To see why, inspect the logs with 'chartmill check'."
      )
    }
  }

  private static let logNames =
    "Logs are named listen-YYYYMMDD.log or listen-YYYYMMDD.log.gz; "
    + "--date and --days choose the window."

  /// What logs without an accepted row contain.
  private static func contents(rejected: Int) -> String {
    rejected == 0 ? "the logs are empty" : "the logs contain only \(counted(rejected, "bad row"))"
  }

  private static func dates(_ window: ClosedRange<Day>) -> String {
    window.lowerBound == window.upperBound
      ? "\(window.lowerBound)" : "\(window.lowerBound) to \(window.upperBound)"
  }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}

extension CountryFileError: ExplainedError {
  var exitStatus: ExitStatus { .data }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "\(SafeText(path)):\(line): \(problem)",
      "A file for --countries holds up to 256 codes such as FR or T1, one per line.")
  }
}
