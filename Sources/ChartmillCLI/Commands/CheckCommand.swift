internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// `chartmill check`: the report on standard output, logs that cannot be read on standard error.
struct CheckCommand: ChartmillCommand {
  static let name = "check"
  static let group = CommandGroup.results
  static let summary = "inspect logs without charting: bad rows, countries, users"
  static let usage = ["check FILE... [FLAGS]", "check - [FLAGS] < LOG", "check --logs DIR [FLAGS]"]
  static let description = """
    Reads logs to the end and counts rows, bad rows by reason, countries and users; shows samples \
    of bad rows and what 'run --repair' would repair. Writes no files. The exit code is 65 if a day \
    has more bad rows than --max-bad-rows, as in 'run', and not 0 if a log cannot be read.
    """
  static let operand: ArgumentKind? = .file
  static let memory = "16 MiB, plus 1 MiB per thread and about 2 KiB per log."
  static let examples = ["check logs/listen-20260705.log.gz", "check --logs logs --days 1 --json"]
  static let flags: [Flag] =
    [.logs, .date, .days, .json, .maxBadRows] + FlagGroup.countryCodes + [.threads, .color]

  private let job: LogCheck
  private let writesJSON: Bool
  private let palette: Palette

  init(_ arguments: ParsedArguments) throws {
    let logs = try arguments.logSource(standardInput: .files(arguments.operands))
    let threads = try arguments.threads()
    let countries = try arguments.countryList()
    let end = try arguments.windowEnd()
    var window = try arguments.windowRules()
    // This command publishes no charts, so the last day of its window may be missing.
    window.allowsMissingLastDay = true
    for flag in [Flag.date, .days] where arguments.has(flag) && !arguments.operands.isEmpty {
      throw arguments.usageError(
        "\(flag.spelling) chooses logs in a folder, but files were named",
        fix: "Leave it out, or use --logs DIR instead of the files.")
    }
    if arguments.operands.count(where: { $0 == "-" }) > 1 {
      throw arguments.usageError(
        "'-' (standard input) was given twice", fix: "Use '-' once.")
    }
    let source: LogCheck.Source =
      if case .folder(let folder) = logs {
        .folder(folder, window, endingWith: end)
      } else {
        .files(arguments.operands)
      }
    job = LogCheck(
      source, countries: countries, maxBadRows: try arguments.maxBadRows(), threads: threads)
    writesJSON = arguments.has(.json)
    palette = .standardError(try arguments.color())
  }

  func perform() throws {
    StopRequest.listen()
    let result = try job.run()
    let report = result.report
    StandardError.write(Warnings(overlooked: result.overlooked).text(palette))
    // A report without any log would hide the error.
    let hasReport = writesJSON || !report.logs.isEmpty || result.failures.isEmpty
    try StandardOutput.write(
      !hasReport ? "" : writesJSON ? JSONLine.text(report) : CheckText(report).text)
    let badDays: [any Error] = result.badDay.map { [JobError.tooManyBadRows($0)] } ?? []
    let failures = badDays + result.failures
    // The entry point writes the last failure, as it does for every command.
    for failure in failures.dropLast() {
      StandardError.write(palette.error(Explanation(failure).lines))
    }
    if let failure = failures.last { throw failure }
  }
}
