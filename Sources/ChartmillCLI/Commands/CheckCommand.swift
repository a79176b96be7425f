internal import ChartmillCore

/// `chartmill check`: the report on standard output, logs that cannot be read on standard error.
struct CheckCommand {
  private let configuration: JobConfiguration
  private let writesJSON: Bool
  private let palette: Palette

  init(_ flags: RawFlags) throws {
    var configuration = JobConfiguration(
      source: try RunOptions.source(flags), outputFolder: "",
      threads: try flags.integer(.threads, in: JobConfiguration.threadsRange) ?? availableCores(),
      countries: try RunOptions.countries(flags))
    configuration.date = try flags.day(.date)
    configuration.today = Day.today()
    configuration.days =
      try flags.integer(.days, in: JobConfiguration.daysRange) ?? configuration.days
    for flag in [Flag.date, .days] where flags.has(flag) && !flags.operands.isEmpty {
      throw flags.usageError(
        "\(flag.spelling) chooses logs of a folder, but files were named",
        fix: "Leave it out, or give the folder with --logs DIR.")
    }
    if flags.operands.count(where: { $0 == "-" }) > 1 {
      throw flags.usageError(
        "standard input can be read once, but '-' was given again", fix: "Write '-' once.")
    }
    self.configuration = configuration
    writesJSON = flags.has(.json)
    palette = .standardError(try flags.color())
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let result: LogCheck.Result
    result = try LogCheck(configuration).run()
    let report = result.report
    StandardError.write(Warnings(overlooked: result.overlooked).text(palette))
    try StandardOutput.write(
      writesJSON ? String(decoding: report.encoded(), as: UTF8.self) : CheckText(report).text)
    // The last one is told where all errors are.
    for failure in result.failures.dropLast() {
      StandardError.write(palette.error(Explanation(failure).lines))
    }
    if let failure = result.failures.last { throw failure }
  }
}
