/// Where charts are published, and in which files.
package struct OutputOptions: Sendable, Equatable {
  package var folder: String
  /// Whether each country's chart is also written to its own file.
  package var writesEachCountry: Bool

  package init(folder: String, writesEachCountry: Bool = false) {
    self.folder = folder
    self.writesEachCountry = writesEachCountry
  }
}
