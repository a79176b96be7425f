internal import ChartmillCore

/// `chartmill state`: one line per digest; with a problem, exit code 65.
struct StateCommand {
  private let folder: String
  private let checks: Bool
  private let prunes: Bool
  private let keepDays: Int
  private let waits: Bool

  init(_ flags: RawFlags) throws {
    folder = try flags.requiredPath(.state)
    checks = flags.has(.check)
    prunes = flags.has(.prune)
    keepDays = try flags.integer(.keepDays, in: JobConfiguration.daysRange) ?? 8
    waits = flags.has(.wait)
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let pruned: [Day]
    let entries: [StateFolder.Entry]
    let state = try StateFolder(folder)
    pruned = prunes ? try state.prune(keepDays: keepDays, waits: waits) : []
    entries = try state.entries(checks: checks)
    if !pruned.isEmpty { try StandardOutput.write("dropped \(days(pruned))\n") }
    for entry in entries { try StandardOutput.write(line(entry)) }
    if entries.isEmpty { throw StateError.noDigests(folder: folder) }
    if let bad = entries.first(where: { $0.problem != nil }) {
      throw StateError.damagedDigest(path: bad.path)
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
