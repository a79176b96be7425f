internal import ChartmillDistributed
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  static let frames = Flag(
    "frames", in: .output, "Write the rollup of one log to standard output as frames.")
  fileprivate static let name = Flag(
    "name", .text("NAME"), in: .input, "Name for the log on standard input.")
}

/// `chartmill rollup`: keeps the rollups of days, or writes the rollup of one log as frames to
/// standard output.
struct RollupCommand: ChartmillCommand {
  static let name = "rollup"
  static let group = CommandGroup.everyDay
  static let summary = "sort and count new logs ahead of a run, one rollup per day"
  static let otherForms = [
    CommandForm(
      group: .manyMachines, name: "rollup --frames",
      summary: "sort and count one log into frames, the input of chart")
  ]
  static let usage = [
    "rollup --logs DIR --state DIR [FLAGS]", "rollup FILE... --state DIR [FLAGS]",
    "rollup - --name NAME --state DIR [FLAGS] < LOG",
    "rollup FILE --frames [FLAGS] > FRAMES",
    "rollup - --name NAME --frames [FLAGS] < LOG > FRAMES",
  ]
  static let description = """
    Sorts and counts new and changed logs and keeps the result, one rollup per day, in --state. \
    'run' and 'backfill' then use the rollups instead of the logs. '-' reads a log from standard \
    input. With --frames, writes the rollup of one log to standard output, for 'chart' on any \
    machine.
    """
  static let operand: ArgumentKind? = .file
  static let memory = RunCommand.memory
  static let examples = ["rollup --logs logs --state state"]
  static let flags: [Flag] =
    [
      .logs, .date, .days.explained("Number of days, including the last one. Default: 1."),
      .requireAllDays,
    ] + [.name, .frames] + FlagGroup.rowRules
    + FlagGroup.resources.replacing(
      .spillDir.explained(
        "Folder for spill (temporary) files. Default: --state; with --frames, the current folder."))
    + [.state, .wait, .quiet, .color]
  static let leftByFailure: String? = "finished rollups are kept"

  private enum Work {
    /// Rolls up a window of days, or all files that are named. With `takesAll`, days without a file
    /// are not reported as missing.
    case keptDays(RollupJob, Resources, takesAll: Bool)
    case frames(LogFramesJob)
  }

  private let work: Work
  private let isQuiet: Bool
  private let palette: Palette

  init(_ arguments: ParsedArguments) throws {
    isQuiet = arguments.has(.quiet)
    if arguments.has(.frames) {
      let source = try Self.sourceOfFrames(arguments)
      palette = .standardError(try arguments.color())
      let day = try arguments.day(.date)
      work = .frames(
        LogFramesJob(
          source, undatedDay: day, rows: try arguments.rowRules(),
          resources: try arguments.resources()))
      return
    }
    let standardInput = try Self.standardInput(arguments)
    let stateFolder = try arguments.requiredPath(.state)
    let source = try arguments.logSource(standardInput: standardInput)
    palette = .standardError(try arguments.color())
    let end = try arguments.windowEnd()
    let takesAll = !arguments.operands.isEmpty && !arguments.has(.days)
    var window = try arguments.windowRules(
      defaultDays: takesAll ? WindowRules.daysRange.upperBound : 1)
    // This command publishes no charts, so the last day of its window may be missing.
    window.allowsMissingLastDay = true
    let resources = try arguments.resources()
    work = .keptDays(
      RollupJob(
        source: source, window: window, endingWith: end, rows: try arguments.rowRules(),
        resources: resources, stateFolder: stateFolder, waits: arguments.has(.wait)),
      resources, takesAll: takesAll)
  }

  /// The log from standard input; nil if `-` was not given.
  private static func standardInput(_ arguments: ParsedArguments) throws -> LogSource? {
    guard arguments.operands.contains("-") else {
      if arguments.has(.name) {
        throw arguments.usageError(
          "--name is only for a log on standard input", fix: "Add '-', or leave out --name.")
      }
      return nil
    }
    guard arguments.operands.count == 1 else {
      throw arguments.usageError(
        "both '-' (standard input) and files were given",
        fix: "Roll up each one with its own command.")
    }
    return .standardInput(name: try nameOfInput(arguments))
  }

  private static func sourceOfFrames(
    _ arguments: ParsedArguments
  ) throws -> LogFramesJob.Source {
    for flag in [Flag.state, .logs, .days, .requireAllDays, .wait] where arguments.has(flag) {
      throw arguments.usageError(
        "\(flag.spelling) cannot be combined with --frames, which rolls up one log",
        fix: "Leave out one of the two flags.")
    }
    guard arguments.operands.count == 1, let operand = arguments.operands.first else {
      throw arguments.usageError(
        "--frames rolls up one log, but "
          + "\(arguments.operands.isEmpty ? "none was" : "\(arguments.operands.count) were") given",
        fix: "Name one file, or '-' for standard input.")
    }
    return operand == "-"
      ? .standardInput(name: try nameOfInput(arguments)) : .file(operand)
  }

  private static func nameOfInput(_ arguments: ParsedArguments) throws -> String {
    if let name = try arguments.path(.name) { return name }
    throw arguments.usageError(
      "--name is required for a log on standard input",
      fix: "Add its name, for example --name listen-20260705.log.gz.")
  }

  func perform() throws {
    switch work {
    case .keptDays(let job, let resources, let takesAll):
      StandardError.write(Warnings(resources).text(palette))
      try keepDays(job, takesAll)
    case .frames(let job): try job.run()
    }
  }

  private func keepDays(_ job: RollupJob, _ takesAll: Bool) throws {
    StopRequest.listen()
    let progress = ProgressBar(isSilent: isQuiet)
    let result = try progress.during { try job.run { progress.show($0) } }
    var warnings = Warnings(overlooked: result.overlooked)
    warnings.add(result.notices)
    warnings.addDays(missing: takesAll ? result.withoutRows : result.missing) {
      result.withoutRows.contains($0)
    }
    StandardError.write(warnings.text(palette))
    if isQuiet { return }
    try StandardOutput.write(
      "\(counted(result.rolledUp.count, "day")) rolled up, "
        + "\(grouped(result.kept.count)) already up to date: "
        + "\(counted(result.accepted, "row")), \(counted(result.rejected, "bad row"))\n")
  }
}
