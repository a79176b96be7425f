internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// The results of a run, as text for people: what was counted, what was wrong, and where the charts
/// are.
struct Summary {
  private let manifest: Manifest
  private let outputFolder: String
  private let rejectsFile: String?
  private let keepsRollups: Bool
  private let dropped: [Day]
  private let report: String?

  /// - Parameters:
  ///   - request: the request of the run.
  ///   - keepsRollups: whether the run had a state folder.
  ///   - pruned: what happened to the rollups of older days.
  ///   - report: the path of the page; nil if there is none.
  init(
    _ manifest: Manifest, of request: ChartRequest, keepsRollups: Bool,
    _ pruned: PruneOutcome? = nil, report: String? = nil
  ) {
    self.report = report
    dropped = pruned?.dropped ?? []
    self.manifest = manifest
    self.keepsRollups = keepsRollups
    outputFolder = request.output.folder
    rejectsFile = request.rejectsFile
  }

  var text: String {
    let (totals, run, window) = (manifest.totals, manifest.run, manifest.window)
    let rows = totals.accepted + totals.rejected
    var lines = [
      ("window", "\(window.first) to \(window.last), \(read)"),
      ("rows", "\(grouped(totals.accepted)) charted"),
    ]
    let rate = run.seconds.total > 0 ? Double(rows) / run.seconds.total : 0
    if rate > 0 { lines[1].1 += ", \(grouped(Int(saturating: rate))) per second" }
    lines.append(
      (
        "bad rows",
        "\(grouped(totals.rejected)) (\(percent(totals.rejected, of: rows)))"
          + tallies(totals.rejectedByReason)
      ))
    if let path = rejectsFile { lines.append(("", rejects(in: path))) }
    let repaired = totals.repairedByRule.reduce(0) { $0 + $1.rows }
    if repaired > 0 {
      lines.append(("repaired", grouped(repaired) + tallies(totals.repairedByRule)))
    }
    lines += [
      ("users", grouped(totals.users)),
      ("countries", grouped(totals.countries)),
      (
        "memory",
        "peak \(ByteSize.text(run.peakResident)) of \(ByteSize.text(run.memoryBudget))"
      ),
      ("spill files", ByteSize.text(run.spillBytes)),
      ("seconds", decimal(run.seconds.total, 1)),
    ]
    if run.seconds.waiting > 0 {
      lines.append(("waiting", "\(decimal(run.seconds.waiting, 1)) seconds for another process"))
    }
    if !dropped.isEmpty {
      lines.append(("deleted", "rollups of \(days(dropped)), older than --keep-days"))
    }
    for (index, output) in manifest.outputs.enumerated() {
      lines.append((index == 0 ? "charts" : "", path(of: output.name)))
    }
    lines.append(("manifest", path(of: OutputNames.manifest(manifest.date))))
    if let report { lines.append(("report", SafeText(report).description)) }
    return aligned(lines)
  }

  /// The logs or days that the charts were made from. With kept rollups, most days are not read.
  private var read: String {
    if !keepsRollups { return counted(manifest.totals.logs, "log") }
    let kept = manifest.run.keptDays.count
    let days = kept + manifest.readDays
    let missing = manifest.window.days - days
    let covered = (missing > 0 ? "\(grouped(days)) of " : "") + counted(days + missing, "day")
    let withoutLog = manifest.run.notices.count { $0.kind == .logGone }
    return "\(covered): \(grouped(manifest.readDays)) read, "
      + "\(grouped(kept)) from kept rollups"
      + (withoutLog > 0 ? " (\(grouped(withoutLog)) without a log)" : "")
  }

  /// The seconds of each step, for `--stats`.
  var seconds: String {
    let seconds = manifest.run.seconds
    var steps = [
      ("rollup", seconds.rollup), ("chart", seconds.chart), ("publish", seconds.publish),
      ("total", seconds.total),
    ]
    if seconds.waiting > 0 { steps.insert(("waiting", seconds.waiting), at: 0) }
    return aligned(steps.map { ("seconds in \($0)", decimal($1, 3)) })
  }

  /// The number of bad rows written. Kept days add none. That is not a warning, because with
  /// `--state` most days are kept.
  private func rejects(in path: String) -> String {
    let kept = manifest.run.keptDays
    return "\(grouped(manifest.run.rejectedInReadLogs)) in \(SafeText(path))"
      + (kept.isEmpty ? "" : "; \(counted(kept.count, "kept day")) not read again")
  }

  private func path(of name: String) -> String {
    Path.join(SafeText(outputFolder).description, name)
  }
}
