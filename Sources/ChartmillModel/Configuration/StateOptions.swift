/// Where the rollups of days are kept, and for how long.
package struct StateOptions: Sendable, Equatable {
  package var folder: String
  /// After a run, only the rollups of the last `keepDays` days up to the end of the window are
  /// kept. The rollups of the window are always kept. Nil keeps all rollups.
  package var keepDays: Int?

  package init(folder: String, keepDays: Int? = nil) {
    self.folder = folder
    self.keepDays = keepDays
  }
}
