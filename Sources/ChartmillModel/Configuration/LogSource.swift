/// Where the logs come from.
package enum LogSource: Sendable, Equatable {
  /// Every `listen-YYYYMMDD.log` or `listen-YYYYMMDD-PART.log` of a folder, plain or `.gz`, whose
  /// date is in the window.
  case folder(String)
  /// These files, but for those whose names carry a date outside the window.
  case files([String])
  /// One log that the process reads; the last component of `name`, a path or a URI, says its date.
  case standardInput(name: String)
  /// No logs: the days that a state folder has rollups of.
  case keptDays

  /// Whether days whose rollup is kept belong to the window without their logs.
  package var takesKeptDays: Bool {
    switch self {
    case .folder, .keptDays: true
    case .files, .standardInput: false
    }
  }
}
