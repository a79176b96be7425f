/// Why there is no window to chart, or not the one that was asked for.
package enum WindowError: Error, Sendable, Equatable {
  /// There is no folder if the logs were named. `overlooked` are names in the folder that may have
  /// been meant as logs.
  case noLogs(folder: String?, window: ClosedRange<Day>?, overlooked: [OverlookedNames] = [])
  /// There are no logs in the folder, but published charts: two folders were swapped.
  case chartsInsteadOfLogs(folder: String)
  /// A file was named as the folder of logs.
  case notAFolder(path: String)
  /// The last day of the window has neither a log nor a kept rollup. There is no folder if the logs
  /// were named.
  case noLogOfLastDay(Day, folder: String?)
  /// A window that begins before the calendar does.
  case windowBeforeCalendar(last: Day, days: Int)
  /// The same date twice: it would count twice.
  case duplicateDay(Day, paths: [String])
  case missingDays([Day])
  /// All days are required, and these have logs without an accepted row.
  case daysWithoutRows([Day])
  /// No row of the window was accepted; `rejected` rows were not.
  case noAcceptedRows(ClosedRange<Day>, rejected: Int)
}

extension WindowError {
  /// Whether logs, or rows in them, are missing from a window, so that others may be complete.
  package var isGapInLogs: Bool {
    switch self {
    case .noLogOfLastDay, .noLogs, .noAcceptedRows: true
    default: false
    }
  }
}
