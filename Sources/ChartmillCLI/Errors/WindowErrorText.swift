internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillText

extension WindowError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .windowBeforeCalendar: .usage
    case .duplicateDay, .missingDays, .daysWithoutRows, .noAcceptedRows: .data
    case .noLogs, .chartsInsteadOfLogs, .notAFolder, .noLogOfLastDay: .noInput
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .noLogs(let folder, let window, let overlooked):
      Explanation(
        "no logs" + (window.map { " of \(Self.dates($0))" } ?? "")
          + (folder.map { " in \(quoted($0))" } ?? ""),
        (overlooked.map { Self.capitalized($0.text) + "." } + [Self.logNames])
          .joined(separator: "\n  ")
      )
    case .chartsInsteadOfLogs(let folder):
      Explanation(
        "no logs in \(quoted(folder)), but published charts",
        "--logs is the folder that is read, --out the one that is written: were they swapped?"
      )
    case .notAFolder(let path):
      Explanation(
        "\(SafeText(path)): a file, where --logs takes a folder",
        "Name the file without --logs."
      )
    case .noLogOfLastDay(let day, let folder):
      Explanation(
        "no log of \(day), the last day of the window"
          + (folder.map { ", in \(quoted($0))" } ?? ""),
        "Correct the date, wait for the log, or write \(Flag.allowMissingLastDay.spelling) to chart "
          + "the days before it under that date."
      )
    case .windowBeforeCalendar(let last, let days):
      Explanation(
        "a window of \(counted(days, "day")) that ends with \(last) begins before year 1",
        "Write fewer --days, or a later --date."
      )
    case .duplicateDay(let day, let paths):
      Explanation(
        "\(day) is there twice and would count twice: "
          + paths.map { SafeText($0).description }.joined(separator: ", "),
        "Remove one of them, or name the files to read."
      )
    case .missingDays(let missing):
      Explanation(
        "no log for \(days(missing))",
        "Add the logs, or leave out --require-all-days to chart the days there are."
      )
    case .daysWithoutRows(let empty):
      Explanation(
        "no accepted row in the log of \(days(empty))",
        "Correct the logs, or leave out --require-all-days to chart the days there are."
      )
    case .noAcceptedRows(let window, let rejected):
      Explanation(
        "no row of \(Self.dates(window)) was accepted: "
          + (rejected == 0
            ? "the logs are empty" : "\(counted(rejected, "bad row")), and no good one"),
        "'chartmill check' shows what the logs hold."
      )
    }
  }

  private static let logNames =
    "Logs are named listen-YYYYMMDD.log or listen-YYYYMMDD.log.gz; "
    + "--date and --days choose the window."

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
