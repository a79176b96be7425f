internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let logs = Flag(
    "logs", .folder, in: .input, "Folder of logs to read; or name files instead.")
  static let date = Flag(
    "date", .date, in: .input, "Last day, 'today' or 'yesterday'. Default: newest.")
  static let days = Flag(
    "days", .number(example: 7), in: .input, "Number of days, including the last one. Default: 7.")
  static let requireAllDays = Flag(
    "require-all-days", in: .input, "Fail if a day has no log. Default: warn.")
  static let allowMissingLastDay = Flag(
    "allow-missing-last-day", in: .input, "Do not fail if the last day has no log or rows.")
}

extension FlagGroup {
  /// The flags that choose the days to read, and what to do if some are missing.
  static let window: [Flag] = [.date, .days, .requireAllDays, .allowMissingLastDay]
}

extension ParsedArguments {
  func windowEnd() throws -> WindowEnd {
    try day(.date).map(WindowEnd.date) ?? .newest(today: Day.today())
  }

  func windowRules(defaultDays: Int = WindowRules.defaultDays) throws -> WindowRules {
    WindowRules(
      days: try integer(.days, in: WindowRules.daysRange) ?? defaultDays,
      requireAllDays: has(.requireAllDays), allowsMissingLastDay: has(.allowMissingLastDay))
  }

  /// The folder of `--logs`, or the files that the operands name.
  ///
  /// - Parameters:
  ///   - standardInput: what `-` means; nil if the command does not read standard input.
  ///   - otherwise: the source if no logs are named; nil if that is a usage error.
  func logSource(
    standardInput: LogSource? = nil, otherwise: LogSource? = nil
  ) throws -> LogSource {
    let folder = try path(.logs)
    if operands.contains("-") {
      guard let standardInput else {
        throw usageError(
          "'\(command.name)' does not read standard input",
          fix: "Roll up the log first: chartmill rollup - --name listen-YYYYMMDD.log --state DIR")
      }
      if folder == nil { return standardInput }
    }
    switch (folder, operands.first) {
    case (let folder?, nil): return .folder(folder)
    case (nil, _?): return .files(operands)
    case (_?, let file?):
      throw usageError(
        "both --logs and files were given (\(quoted(file)) ...)",
        fix: "Use --logs DIR to read a folder, or only the names of the files.")
    case (nil, nil):
      if let otherwise { return otherwise }
      throw usageError("no logs were given", fix: "Use --logs DIR, or name the files.")
    }
  }
}
