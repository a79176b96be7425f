/// Where the rollups of days are kept from run to run, and for how long.
package struct StateOptions: Sendable, Equatable {
  package var folder: String
  /// Rollups of days further back than this many from the window's end are removed after a run; nil
  /// keeps all.
  package var keepDays: Int?

  package init(folder: String, keepDays: Int? = nil) {
    self.folder = folder
    self.keepDays = keepDays
  }
}
