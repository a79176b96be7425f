/// Why a file or a folder is not to be written.
package enum PublicationError: Error, Sendable, Equatable {
  /// A file to write has the name of a log, a chart or a kept rollup, or is one of the logs.
  case reservedName(path: String, SideOutput)
  /// A file to write would replace one that this program did not make for that purpose.
  case notReplaceable(path: String, SideOutput)

  /// The state and the output folder are one: each has a lock of the same name.
  case stateIsOutput(path: String)
}
