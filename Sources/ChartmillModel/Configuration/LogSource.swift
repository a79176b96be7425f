/// Where the logs come from.
package enum LogSource: Sendable, Equatable {
  /// Every `listen-YYYYMMDD.log` or `listen-YYYYMMDD-PART.log` in a folder, plain or `.gz`, with a
  /// date in the window.
  case folder(String)
  /// The logs that a list of a folder names, whose bytes are elsewhere. `path` is the file with the
  /// list, or `-` for standard input, and errors name the folder `name`. Only a plan can be made.
  case listing(path: String, of: String)
  /// These files, except those whose names carry a date outside the window.
  case files([String])
  /// A log from standard input. The last component of `name`, a path or a URI, carries its date.
  case standardInput(name: String)
  /// No logs, only the rollups of a state folder.
  case keptDays

  /// Whether a day without logs is in the window if its rollup is kept.
  package var takesKeptDays: Bool {
    switch self {
    case .folder, .listing, .keptDays: true
    case .files, .standardInput: false
    }
  }
}
