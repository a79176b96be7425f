internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillReport

extension Flag {
  static let html = Flag(
    "html", .file, in: .output, "Name of the page. Default: report_YYYYMMDD.html in --charts.")
}

/// `chartmill report`: a page of HTML, and its name on standard output.
struct ReportCommand: ChartmillCommand {
  static let name = "report"
  static let group = CommandGroup.results
  static let summary = "write an HTML page about the charts and the run of a date"
  static let usage = ["report --charts DIR [FLAGS]"]
  static let description = """
    Writes a self-contained HTML page that shows rows and bad rows per day, warnings, countries, \
    charts and how they changed, streams per user, time and memory. Takes milliseconds, because \
    it reads only manifests and country charts.
    """
  static let memory = ShowCommand.memory
  static let examples = [
    "report --charts charts", "report --charts charts --date 20260705 --html week.html",
  ]
  static let flags: [Flag] = [
    .charts, .publishedDate, .songFile, .html, .quiet.explained("Print only errors."),
    .color,
  ]
  static let readsCharts = true

  private let folder: String
  private let date: Day?
  private let path: String?
  private let songFile: String?
  private let isQuiet: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.charts)
    date = try arguments.day(.date)
    path = try arguments.path(.html)
    songFile = try arguments.path(.songFile)
    isQuiet = arguments.has(.quiet)
    color = try arguments.color()
  }

  func perform() throws {
    if let path { try ReportFile(path).check() }
    let report = try PublishedReport(folder: folder, date: date)
    // Check before the page is made.
    let file = path.map { ReportFile($0) } ?? ReportFile(in: folder, date: report.manifest.date)
    try file.check()
    try file.write(ReportPage(report, titles: titles(of: report)).text)
    if !isQuiet { try StandardOutput.write("wrote \(SafeText(file.path))\n") }
  }

  /// The titles of the songs in the report; empty without a file of titles.
  private func titles(of report: PublishedReport) throws -> [UInt64: ReportTitle] {
    guard let songFile else { return [:] }
    let songs = Set(report.charts.flatMap { $0.movement.songs.map(\.song) })
    let titles = try ShownTitles(contentsOf: songFile, color) { want in songs.forEach(want) }
    return try songs.reduce(into: [:]) { found, song in
      found[song] = try titles.title(of: song).map { ReportTitle($0.title, by: $0.artist) }
    }
  }
}
