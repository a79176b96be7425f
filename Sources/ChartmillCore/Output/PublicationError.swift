/// Why a file or a folder is not to be written.
public enum PublicationError: Error, Sendable, Equatable {
  /// A file to write has the name of a log, a chart or a kept digest, or is one of the logs.
  case reservedName(path: String, OwnFile)
  /// A file to write would replace one that this program did not make for that purpose.
  case notOwnFile(path: String, OwnFile)
  /// Another run has the lock file at `path`; `holder` is the process id written in it, or empty.
  case locked(path: String, holder: String)
  /// The state and the output folder are one: each has a lock of the same name.
  case stateIsOutput(path: String)
}
