internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  fileprivate static let check = Flag(
    "check", in: .state, "Read every rollup to its end and verify it.")
  fileprivate static let prune = Flag(
    "prune", in: .state, "Delete rollups older than the days that --keep-days keeps.")
}

/// `chartmill state`: a table of the rollups on standard output, and exit code 65 if any of them
/// has a problem.
struct StateCommand: ChartmillCommand {
  static let name = "state"
  static let group = CommandGroup.everyDay
  static let summary = "list, check or delete the kept rollups"
  static let usage = ["state --state DIR [--check] [--prune [--dry-run]] [FLAGS]"]
  static let description = """
    Lists the kept rollups and their problems. If one has a problem, the exit code is 65. The \
    command is safe to use while a run is writing. The status "present" means that the header of a \
    rollup could be read; "verified", with --check, means that all of it could be read.
    """
  static let memory = "at most 32 MiB."
  static let examples = [
    "state --state state --check", "state --state state --prune --keep-days 8",
  ]
  static let flags: [Flag] = [
    .state, .check, .prune, .keepDays.explained("Number of days that --prune keeps. Default: 8."),
    .dryRun.explained("With --prune: only show what would be deleted."), .wait,
    .json.explained("Print one JSON object per rollup, each on its own line."), .color,
  ]

  private let folder: String
  private let checks: Bool
  private let prunes: Bool
  private let keepDays: Int
  private let isDryRun: Bool
  private let waits: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.state)
    checks = arguments.has(.check)
    prunes = arguments.has(.prune)
    if arguments.has(.keepDays), !prunes {
      throw arguments.usageError(
        "--keep-days has no effect without --prune", fix: "Add --prune, or leave out --keep-days.")
    }
    isDryRun = arguments.has(.dryRun)
    if isDryRun, !prunes {
      throw arguments.usageError(
        "--dry-run has no effect without --prune", fix: "Add --prune, or leave out --dry-run.")
    }
    keepDays = try arguments.keepDays() ?? 8
    waits = arguments.has(.wait)
    isJSON = arguments.has(.json)
    color = try arguments.color()
  }

  func perform() throws {
    StopRequest.listen()
    let state = try StateFolder(folder)
    let pruned =
      !prunes
      ? []
      : isDryRun
        ? try state.prunable(keepDays: keepDays)
        : try state.prune(keepDays: keepDays, waits: waits)
    let entries = try state.entries(checks: checks)
    if isJSON {
      try writeJSON(pruned, entries)
    } else {
      try StandardOutput.write(text(pruned))
      if !entries.isEmpty { try StandardOutput.write(table(of: entries)) }
    }
    if entries.isEmpty { throw StateError.noRollups(folder: folder) }
    if let bad = entries.first(where: { $0.problem != nil }) {
      throw StateError.damagedRollup(path: bad.path)
    }
  }

  private func text(_ pruned: [Day]) -> String {
    if isDryRun {
      return "would delete \(pruned.isEmpty ? "no rollups" : "rollups of \(days(pruned))")\n"
    }
    return pruned.isEmpty ? "" : "deleted rollups of \(days(pruned))\n"
  }

  /// One rollup as an object. Keys that a manifest also has mean the same in both.
  private struct Rollup: Encodable {
    let day: Day
    let status: String
    var problem: String?
    var accepted: Int?
    var rejected: Int?
    var bytes: Int?
    var partitions: Int?
    var rules: String?
    /// How many logs it was made from.
    var logs: Int?
    /// The names of the first logs.
    var examples: [String]?
  }

  private func writeJSON(_ pruned: [Day], _ entries: [StateFolder.Entry]) throws {
    for day in pruned {
      let gone = Rollup(day: day, status: isDryRun ? "would be deleted" : "deleted")
      try StandardOutput.write(JSONLine.text(gone))
    }
    for entry in entries where !pruned.contains(entry.day) {
      var rollup = Rollup(
        day: entry.day,
        status: entry.problem != nil ? "unusable" : checks ? "verified" : "present",
        problem: entry.problem)
      if let facts = entry.facts {
        rollup.accepted = facts.accepted
        rollup.rejected = facts.rejected
        rollup.bytes = facts.byteCount
        rollup.partitions = facts.partitions
        rollup.rules = facts.rules
        rollup.logs = facts.logs
        rollup.examples = facts.sources
      }
      try StandardOutput.write(JSONLine.text(rollup))
    }
  }

  private func table(of entries: [StateFolder.Entry]) -> String {
    let headings = [
      "day", "rows", "bad rows", "size", "partitions", "rules", "status", "made from",
    ]
    let rows: [[TextTable.Cell]] = entries.map { entry in
      let status: TextTable.Cell = "\(entry.problem ?? (checks ? "verified" : "present"))"
      guard let facts = entry.facts else {
        return ["\(entry.day)", "-", "-", "-", "-", "-", status, "-"]
      }
      let more = facts.logs - facts.sources.count
      let sources =
        facts.sources.map { SafeText($0).description }.joined(separator: ", ")
        + (more > 0 ? " and \(grouped(more)) more" : "")
      return [
        "\(entry.day)", "\(grouped(facts.accepted))", "\(grouped(facts.rejected))",
        "\(ByteSize.text(facts.byteCount))", "\(facts.partitions)",
        "\(SafeText(RowRules.words(ofIdentity: facts.rules)))", status, "\(sources)",
      ]
    }
    return TextTable.text(headings, rows, .standardOutput(color), leftAligned: [0, 5, 6, 7])
  }
}
