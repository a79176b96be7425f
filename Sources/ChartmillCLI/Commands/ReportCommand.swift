internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillReport

extension Flag {
  static let html = Flag(
    "html", .file, in: .output, "Write the page here. Default: report_YYYYMMDD.html in --out.")
}

/// `chartmill report`: a page of HTML, and its name on standard output.
struct ReportCommand: ChartmillCommand {
  static let name = "report"
  static let group = CommandGroup.results
  static let summary = "write a page about a run: rows, countries, charts, users"
  static let usage = ["report --out DIR [FLAGS]"]
  static let description = """
    Writes one page of HTML that needs no network: rows and bad rows by day, warnings, countries, \
    charts and how they moved, streams per user, time and memory. Takes milliseconds: it reads \
    manifests and country charts, but no charts of users.
    """
  static let memory = ShowCommand.memory
  static let examples = [
    "report --out charts", "report --out charts --date 20260705 --html week.html",
  ]
  static let flags: [Flag] = [
    .publishedCharts, .publishedDate, .html, .quiet.explained("Print errors only."), .color,
  ]
  static let readsCharts = true

  private let folder: String
  private let date: Day?
  private let path: String?
  private let isQuiet: Bool

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.out)
    date = try arguments.day(.date)
    path = try arguments.path(.html)
    isQuiet = arguments.has(.quiet)
  }

  func perform() throws {
    if let path { try ReportFile(path).check() }
    let report = try PublishedReport(folder: folder, date: date)
    // Check before the page is made.
    let file = path.map { ReportFile($0) } ?? ReportFile(in: folder, date: report.manifest.date)
    try file.check()
    try file.write(ReportPage(report).text)
    if !isQuiet { try StandardOutput.write("wrote \(SafeText(file.path))\n") }
  }
}
