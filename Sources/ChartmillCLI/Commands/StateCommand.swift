internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillText

extension Flag {
  fileprivate static let check = Flag(
    "check", in: .state, "Read and verify every rollup to its end.")
  fileprivate static let prune = Flag("prune", in: .state, "Drop the rollups of older days.")
}

/// `chartmill state`: one line per rollup on standard output, and exit code 65 if one has a problem.
struct StateCommand: ChartmillCommand {
  static let name = "state"
  static let group = CommandGroup.everyDay
  static let summary = "list, check or prune kept rollups"
  static let usage = ["state --state DIR [--check] [--prune] [FLAGS]"]
  static let description = """
    Lists the kept rollups: day, rows, bad rows, size, and their problems, if any. A run may be \
    writing meanwhile. "present" means that the record of a rollup could be read, and "verified", \
    with --check, all of it.
    """
  static let memory = "at most 32 MiB."
  static let examples = [
    "state --state state --check", "state --state state --prune --keep-days 8",
  ]
  static let flags: [Flag] = [
    .state, .check, .prune, .keepDays.explained("Days that --prune keeps. Default: 8."),
    .wait, .color,
  ]

  private let folder: String
  private let checks: Bool
  private let prunes: Bool
  private let keepDays: Int
  private let waits: Bool

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.state)
    checks = arguments.has(.check)
    prunes = arguments.has(.prune)
    keepDays = try arguments.keepDays() ?? 8
    waits = arguments.has(.wait)
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let state = try StateFolder(folder)
    let pruned = prunes ? try state.prune(keepDays: keepDays, waits: waits) : []
    let entries = try state.entries(checks: checks)
    if !pruned.isEmpty { try StandardOutput.write("dropped \(days(pruned))\n") }
    for entry in entries { try StandardOutput.write(line(entry)) }
    if entries.isEmpty { throw StateError.noRollups(folder: folder) }
    if let bad = entries.first(where: { $0.problem != nil }) {
      throw StateError.damagedRollup(path: bad.path)
    }
  }

  private func line(_ entry: StateFolder.Entry) -> String {
    let verdict = entry.problem ?? (checks ? "verified" : "present")
    guard let facts = entry.facts else { return "\(entry.day)  \(verdict)\n" }
    let sources = facts.sources.map { SafeText($0).description }.joined(separator: ", ")
    return "\(entry.day)  \(grouped(facts.accepted)) rows, \(grouped(facts.rejected)) bad, "
      + "\(ByteSize.text(facts.byteCount)), \(facts.partitions) partitions, \(facts.rules), "
      + "from \(sources): \(verdict)\n"
  }
}
