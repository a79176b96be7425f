internal import ChartmillDistributed
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  fileprivate static let frames = Flag(
    "frames", in: .output, "Write the rollup of one log to standard output.")
  fileprivate static let name = Flag(
    "name", .text("NAME"), in: .input, "Name of the log on standard input.")
}

/// `chartmill rollup`: keeps the rollups of days, or writes that of one log as frames to standard
/// output.
struct RollupCommand: ChartmillCommand {
  static let name = "rollup"
  static let group = CommandGroup.everyDay
  static let summary = "roll up logs ahead of a run that keeps its rollups"
  static let otherForms = [
    CommandForm(
      group: .manyMachines, name: "rollup --frames",
      summary: "roll up one log into frames, for chart")
  ]
  static let usage = [
    "rollup --logs DIR --state DIR [FLAGS]", "rollup FILE... --state DIR [FLAGS]",
    "rollup - --name NAME --state DIR [FLAGS] < LOG",
    "rollup FILE --frames [FLAGS] > FRAMES",
    "rollup - --name NAME --frames [FLAGS] < LOG > FRAMES",
  ]
  static let description = """
    Rolls up the logs of the window that are new or changed, and keeps the rollups in --state, where \
    run and backfill find them. '-' is a log on standard input. With --frames, writes the rollup of \
    one log to standard output, for 'chart' on any machine.
    """
  static let operand: ArgumentKind? = .file
  static let memory = RunCommand.memory
  static let examples = ["rollup --logs logs --state state"]
  static let flags: [Flag] =
    [.logs, .date, .days.explained("Calendar days to roll up. Default: 1."), .requireAllDays]
    + [.name, .frames] + FlagGroup.rowRules
    + FlagGroup.resources.replacing(
      .spillDir.explained(
        "Folder for spill files. Default: that of --state; with --frames, the current folder."))
    + [.state, .wait, .quiet, .color]
  static let leftByFailure: String? = "days that were rolled up before stay"

  private enum Work {
    /// Rolls up a window, or takes all files that are named: then no day between them is missing.
    case keptDays(RollupJob, takesAll: Bool)
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
    // It publishes no date, so that its last day may be missing.
    window.allowsMissingLastDay = true
    work = .keptDays(
      RollupJob(
        source: source, window: window, endingWith: end, rows: try arguments.rowRules(),
        resources: try arguments.resources(), stateFolder: stateFolder,
        waits: arguments.has(.wait)),
      takesAll: takesAll)
  }

  /// The log that `-` stands for; nil if it was not given.
  private static func standardInput(_ arguments: ParsedArguments) throws -> LogSource? {
    guard arguments.operands.contains("-") else {
      if arguments.has(.name) {
        throw arguments.usageError(
          "--name is the name of a log on standard input", fix: "Write '-' with it.")
      }
      return nil
    }
    guard arguments.operands.count == 1 else {
      throw arguments.usageError(
        "'-' is standard input, and other files were given with it",
        fix: "Roll them up one after another.")
    }
    return .standardInput(name: try nameOfInput(arguments))
  }

  private static func sourceOfFrames(
    _ arguments: ParsedArguments
  ) throws -> LogFramesJob.Source {
    for flag in [Flag.state, .logs, .days, .requireAllDays, .wait] where arguments.has(flag) {
      throw arguments.usageError(
        "\(flag.spelling) has no meaning for the one log that --frames rolls up",
        fix: "Leave one of the two out.")
    }
    guard arguments.operands.count == 1, let operand = arguments.operands.first else {
      throw arguments.usageError(
        "--frames rolls up one log, but \(arguments.operands.count) were given",
        fix: "Name one file, or '-' for standard input.")
    }
    return operand == "-"
      ? .standardInput(name: try nameOfInput(arguments)) : .file(operand)
  }

  private static func nameOfInput(_ arguments: ParsedArguments) throws -> String {
    if let name = try arguments.path(.name) { return name }
    throw arguments.usageError(
      "a log on standard input has no name",
      fix: "Write what it is called, for example --name listen-20260705.log.gz.")
  }

  func perform() throws {
    switch work {
    case .keptDays(let job, let takesAll): try keepDays(job, takesAll)
    case .frames(let job): try job.run()
    }
  }

  private func keepDays(_ job: RollupJob, _ takesAll: Bool) throws {
    ChartJob.stopOnSignals()
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
      "rolled up \(counted(result.rolledUp.count, "day")), kept \(result.kept.count): "
        + "\(grouped(result.accepted)) rows, \(grouped(result.rejected)) bad\n")
  }
}
