internal import Chartmill

/// The end of a run, for a person: what was counted, what was wrong, where the charts are.
struct Summary {
  private let manifest: Manifest
  private let job: JobConfiguration
  /// That are named where many are gone.
  private static let mostCountries = 10

  /// - Parameter job: what was asked for.
  init(_ manifest: Manifest, of job: JobConfiguration) {
    self.manifest = manifest
    self.job = job
  }

  var text: String {
    let (totals, run, window) = (manifest.totals, manifest.run, manifest.window)
    let rows = totals.accepted + totals.rejected
    var lines = [
      ("window", "\(window.first) to \(window.last), \(counted(manifest.inputs.count, "log"))"),
      ("rows", "\(grouped(totals.accepted)) charted"),
    ]
    let rate = run.seconds.total > 0 ? Double(rows) / run.seconds.total : 0
    if rate > 0 { lines[1].1 += ", \(grouped(Int(rate))) a second" }
    lines.append(
      (
        "bad rows",
        "\(grouped(totals.rejected)) (\(percent(totals.rejected, of: rows)))"
          + tallies(totals.rejectedByReason)
      ))
    if let path = job.rejectsFile { lines.append(("", rejects(in: path))) }
    let repaired = totals.repairedByRule.reduce(0) { $0 + $1.rows }
    if repaired > 0 {
      lines.append(("repaired", grouped(repaired) + tallies(totals.repairedByRule)))
    }
    lines += [
      ("users", grouped(totals.users)),
      ("countries", grouped(totals.countries)),
      (
        "memory",
        "\(ByteSize.text(run.peakResident)) at most, of \(ByteSize.text(run.memoryBudget))"
      ),
      ("spill", "\(ByteSize.text(run.spillBytes)) in \(counted(run.spillRuns, "run"))"),
      ("seconds", decimal(run.seconds.total, 1)),
    ]
    for (index, output) in manifest.outputs.enumerated() {
      lines.append((index == 0 ? "charts" : "", path(of: output.name)))
    }
    return aligned(lines)
  }

  /// Seconds by step, for `--stats`.
  var seconds: String {
    let seconds = manifest.run.seconds
    return aligned(
      [
        ("digest", seconds.digest), ("chart", seconds.chart), ("publish", seconds.publish),
        ("total", seconds.total),
      ].map { ("seconds in \($0)", decimal($1, 3)) })
  }

  /// Lines for standard error, quiet or not; empty when there is nothing to warn of.
  var warnings: String {
    var warnings: [String] = []
    let missing = manifest.window.missing
    if !missing.isEmpty {
      warnings.append(
        "no log for \(days(missing)): the charts cover "
          + "\(manifest.window.days - missing.count) of \(manifest.window.days) days")
    }
    for input in manifest.inputs where input.reading == .gzipWithTrailingBytes {
      warnings.append("\(SafeText(input.name)): bytes after the end of the gzip data were ignored")
    }
    return warnings.map { "chartmill: warning: \($0)\n" }.joined()
      + Self.warnings(manifest.run.notices) + changes
  }

  /// Countries that are gone share a line: there may be many.
  private var changes: String {
    let changes = manifest.run.changes
    var warnings: [String] = []
    for change in changes {
      switch change.kind {
      case .fewerRows:
        warnings.append(
          "\(change.day): \(counted(change.found, "row")), where \(grouped(change.usual)) are usual"
        )
      case .moreBadRows:
        warnings.append(
          "\(change.day): \(grouped(change.found)) bad rows, "
            + "where \(grouped(change.usual)) are usual")
      case .countryGone: continue
      }
    }
    let gone = changes.filter { $0.kind == .countryGone }
    if let day = gone.first?.day {
      let shown = gone.prefix(Self.mostCountries).map {
        "\($0.country ?? "") (\(grouped($0.usual)) are usual)"
      }
      let more = gone.count - shown.count
      warnings.append(
        "\(day): no stream of \(shown.joined(separator: ", "))"
          + (more > 0 ? " and \(more) other\(more == 1 ? "" : "s")" : ""))
    }
    return warnings.map { "chartmill: warning: \($0)\n" }.joined()
  }

  static func warnings(_ notices: [DigestNotice]) -> String {
    notices.map { "chartmill: warning: \($0.day): \($0.kind.rawValue)\n" }.joined()
  }

  /// A line, not a warning: with `--state` most days are kept ones, every day.
  private func rejects(in path: String) -> String {
    let kept = manifest.run.keptDays
    let rows = manifest.inputs.filter { !kept.contains($0.day) }.reduce(0) { $0 + $1.rejected }
    return "\(grouped(rows)) in \(SafeText(path))"
      + (kept.isEmpty ? "" : "; those of \(counted(kept.count, "kept day")) were not read again")
  }

  private func path(of name: String) -> String {
    let separator = job.outputFolder.hasSuffix("/") ? "" : "/"
    return "\(SafeText(job.outputFolder))\(separator)\(name)"
  }
}

/// Days in a row of text, the first few by name.
func days(_ days: [Day]) -> String {
  let shown = 10
  let names = days.prefix(shown).map(\.description).joined(separator: ", ")
  return days.count > shown ? "\(names) and \(days.count - shown) more days" : names
}
