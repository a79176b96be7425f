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
  static let usage = ["state --state DIR [--check] [--prune] [FLAGS]"]
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
    .wait, .color,
  ]

  private let folder: String
  private let checks: Bool
  private let prunes: Bool
  private let keepDays: Int
  private let waits: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.state)
    checks = arguments.has(.check)
    prunes = arguments.has(.prune)
    if arguments.has(.keepDays), !prunes {
      throw arguments.usageError(
        "--keep-days has no effect without --prune", fix: "Add --prune, or leave out --keep-days.")
    }
    keepDays = try arguments.keepDays() ?? 8
    waits = arguments.has(.wait)
    color = try arguments.color()
  }

  func perform() throws {
    StopRequest.listen()
    let state = try StateFolder(folder)
    let pruned = prunes ? try state.prune(keepDays: keepDays, waits: waits) : []
    let entries = try state.entries(checks: checks)
    if !pruned.isEmpty { try StandardOutput.write("deleted rollups of \(days(pruned))\n") }
    if !entries.isEmpty { try StandardOutput.write(table(of: entries)) }
    if entries.isEmpty { throw StateError.noRollups(folder: folder) }
    if let bad = entries.first(where: { $0.problem != nil }) {
      throw StateError.damagedRollup(path: bad.path)
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
        "\(ByteSize.text(facts.byteCount))", "\(facts.partitions)", "\(rules(facts))", status,
        "\(sources)",
      ]
    }
    return TextTable.text(headings, rows, .standardOutput(color), leftAligned: [0, 5, 6, 7])
  }

  /// Which rows counted: `249 countries, repaired`. The checksum of the list of countries is left
  /// out, because it means nothing to a person.
  private func rules(_ facts: StateFolder.Facts) -> String {
    let parts = facts.rules.split(separator: ",")
    let countries = parts.first?.split(separator: " ").prefix(2).joined(separator: " ") ?? ""
    return SafeText(countries).description + (parts.count > 1 ? ", repaired" : "")
  }
}
