/// Where charts are published, and in which files.
package struct OutputOptions: Sendable, Equatable {
  package var folder: String
  /// Writes each country's chart also to a file of its own.
  package var writesEachCountry: Bool

  package init(folder: String, writesEachCountry: Bool = false) {
    self.folder = folder
    self.writesEachCountry = writesEachCountry
  }
}
