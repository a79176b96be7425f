/// Why there is no window to chart, or why it is incomplete.
package enum WindowError: Error, Sendable, Equatable {
  /// There is no log, or none in the window. `folder` is nil if the logs were named one by one;
  /// `overlooked` has the names in the folder that may have been meant as logs.
  case noLogs(folder: String?, window: ClosedRange<Day>?, overlooked: [OverlookedNames] = [])
  /// The folder holds published charts instead of logs.
  case chartsInsteadOfLogs(folder: String)
  /// The path given as the folder of logs is not a folder.
  case notAFolder(path: String)
  /// The last day of the window has neither a log nor a kept rollup. `folder` is nil if the logs
  /// were named one by one.
  case noLogOfLastDay(Day, folder: String?)
  /// The logs of the last day of the window have no accepted row; `rejected` rows of them were bad.
  case noRowsOfLastDay(Day, rejected: Int)
  /// The window begins before year 1.
  case windowBeforeCalendar(last: Day, days: Int)
  /// Two files hold the same log of a day, so its rows would count twice.
  case duplicateDay(Day, paths: [String])
  /// All days are required, and these have neither a log nor a kept rollup.
  case missingDays([Day])
  /// All days are required, and the logs of these have no accepted row.
  case daysWithoutRows([Day])
  /// No row of the window was accepted; `rejected` rows were bad.
  case noAcceptedRows(ClosedRange<Day>, rejected: Int)
}

extension WindowError {
  /// Whether the cause is missing logs, or missing rows in logs. Other windows may still be
  /// complete.
  package var isGapInLogs: Bool {
    switch self {
    case .noLogOfLastDay, .noRowsOfLastDay, .noLogs, .noAcceptedRows: true
    default: false
    }
  }
}
