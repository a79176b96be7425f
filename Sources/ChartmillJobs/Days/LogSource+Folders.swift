internal import ChartmillModel
internal import ChartmillSystem

extension LogSource {
  /// Checks that neither charts nor rollups would be written among the logs of a folder. Links are
  /// followed. A folder that does not exist yet is another one.
  ///
  /// Time: three system calls.
  ///
  /// - Throws: `PublicationError.outputIsLogs` or `.stateIsLogs`; `SystemError`.
  func checkApart(fromOutput output: String?, state: String?) throws {
    // If the folder cannot be opened, the search for logs reports it.
    guard case .folder(let path) = self, let logs = try? Folder.open(path) else { return }
    if let output, try logs.isSame(as: output) { throw PublicationError.outputIsLogs(path: output) }
    if let state, try logs.isSame(as: state) { throw PublicationError.stateIsLogs(path: state) }
  }
}
