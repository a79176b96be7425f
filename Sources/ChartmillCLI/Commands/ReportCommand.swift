internal import ChartmillCore

/// `chartmill report`: a page of HTML, and its name on standard output.
struct ReportCommand {
  private let folder: String
  private let date: Day?
  private let path: String?
  private let isQuiet: Bool

  init(_ flags: RawFlags) throws {
    folder = try flags.requiredPath(.out)
    date = try flags.day(.date)
    path = try flags.path(.html)
    isQuiet = flags.has(.quiet)
  }

  func perform() throws {
    if let path { try check(ReportFile(path)) }
    let report = try PublishedReport(folder: folder, date: date)
    // The whole page is made only for a place that it may be written to.
    let file = path.map { ReportFile($0) } ?? ReportFile(in: folder, date: report.manifest.date)
    try check(file)
    try file.write(ReportPage(report).text)
    if !isQuiet { try StandardOutput.write("wrote \(SafeText(file.path))\n") }
  }

  private func check(_ file: ReportFile) throws {
    try file.check()
  }
}
