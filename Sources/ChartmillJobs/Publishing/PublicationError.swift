/// Why a file or a folder must not be written.
package enum PublicationError: Error, Sendable, Equatable {
  /// The file to write has the name of a log, a chart or a kept rollup, or it is one of the logs.
  case reservedName(path: String, SideOutput)
  /// The file to write would replace a file of another kind.
  case notReplaceable(path: String, SideOutput)
  /// The state folder is the output folder. They must differ, because their locks have the same
  /// name.
  case stateIsOutput(path: String)
  /// The output folder is the folder of the logs. Charts would be published among the logs.
  case outputIsLogs(path: String)
  /// The state folder is the folder of the logs.
  case stateIsLogs(path: String)
}
