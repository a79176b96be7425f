package import ChartmillModel
internal import ChartmillSystem

/// The page that `chartmill report` writes. It appears complete, and replaces an older report.
package struct ReportFile: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// - Throws: `PublicationError` if `path` is a file that a report must not replace.
  package func check() throws {
    try SideOutput.report.check(path)
  }

  /// The report in the folder of its charts. A run that replaces the charts removes it.
  package init(in folder: String, date: Day) {
    let name = OutputNames.report(date)
    self.init(Path.join(folder, name))
  }

  /// Replaces the file.
  ///
  /// - Throws: `PublicationError`, `SystemError`.
  package func write(_ page: String) throws {
    let staged = try StagedFile(.report, replacing: path, mode: 0o644)
    try staged.file.write(Array(page.utf8))
    try staged.publish()
  }
}
