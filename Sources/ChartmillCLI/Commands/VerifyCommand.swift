internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// `chartmill verify`: one line per date on standard output, or the first difference as an error.
struct VerifyCommand: ChartmillCommand {
  static let name = "verify"
  static let group = CommandGroup.results
  static let summary = "check published charts against their manifest"
  static let usage = ["verify --charts DIR [FLAGS]"]
  static let description = """
    Reads published charts and checks sizes, CRCs, order, ties, counts and users against their \
    manifest. Stops at the first difference, which it reports with file and line; the exit code \
    is then 65.
    """
  static let memory = ShowCommand.memory
  static let examples = ["verify --charts charts", "verify --charts charts --date 20260705"]
  static let flags: [Flag] = [
    .charts, .date.explained("Date to check. Default: all dates."),
    .json.explained("Print one JSON object per date, each on its own line."),
    .quiet.explained("Print only errors."), .color,
  ]
  static let readsCharts = true

  private let folder: String
  private let date: Day?
  private let isQuiet: Bool
  private let isJSON: Bool

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.charts)
    date = try arguments.day(.date)
    isQuiet = arguments.has(.quiet)
    isJSON = arguments.has(.json)
  }

  /// A date whose charts are as they were published.
  private struct Verified: Encodable {
    let date: Day
    let status = "verified"
    /// The names of the chart files.
    let outputs: [String]
    let users: Int
    let countries: Int
  }

  func perform() throws {
    let verifier = ChartVerifier(folder: folder)
    let dates = if let date { [date] } else { try verifier.dates() }
    if dates.isEmpty { throw ChartsError.noManifest(folder: folder, date: nil) }
    for date in dates {
      let report = try verifier.verify(date)
      if isJSON {
        let verified = Verified(
          date: report.date, outputs: report.files, users: report.users,
          countries: report.countries)
        try StandardOutput.write(JSONLine.text(verified))
      }
      if isQuiet || isJSON { continue }
      try StandardOutput.write(
        "\(report.date): OK, \(counted(report.files.count, "file")) match the manifest, "
          + "\(counted(report.users, "user")), \(grouped(report.countries)) "
          + (report.countries == 1 ? "country\n" : "countries\n"))
    }
  }
}
