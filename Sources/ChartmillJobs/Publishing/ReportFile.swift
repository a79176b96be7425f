package import ChartmillModel
internal import ChartmillSystem

/// The page that `chartmill report` writes: it appears under its name whole, in place of what had it.
package struct ReportFile: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// Throws `PublicationError` for a file that a report may not replace.
  package func check() throws {
    try SideOutput.report.check(path)
  }

  /// In the folder of the charts it is of. A run that replaces these removes it.
  package init(in folder: String, date: Day) {
    let name = OutputNames.report(date)
    self.init(Path.join(folder, name))
  }

  /// Throws what `check` and `StagedFile` do; `SystemError`.
  package func write(_ page: String) throws {
    let staged = try StagedFile(.report, replacing: path, mode: 0o644)
    try staged.file.write(Array(page.utf8))
    try staged.publish()
  }
}
