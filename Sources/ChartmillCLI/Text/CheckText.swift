internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillText

/// The results of `check`, as text for people.
struct CheckText {
  /// How many countries are listed; the rest are summed up as 'others'.
  private static let maxCountries = 10
  /// How many samples of each reason are shown; `--json` prints more.
  private static let maxSamples = 2

  private let report: LogReport

  init(_ report: LogReport) {
    self.report = report
  }

  var text: String {
    var lines = report.logs.map { log in
      ("", "\(SafeText(log.path)): \(counts(log.accepted, log.rejected))" + remark(log.reading))
    }
    let bytes = report.logs.reduce(0) { $0 + $1.bytes }
    lines.insert(
      ("logs", "\(counted(report.logs.count, "log")) read, \(ByteSize.text(bytes))"), at: 0)
    if !report.unreadable.isEmpty {
      lines.append(
        ("", "\(counted(report.unreadable.count, "log")) could not be read: see the errors below"))
    }
    if !report.missing.isEmpty { lines.append(("missing", days(report.missing))) }
    let rows = report.accepted + report.rejected
    lines += [
      ("rows", grouped(report.accepted)),
      (
        "bad rows",
        "\(grouped(report.rejected)) (\(percent(report.rejected, of: rows)))"
          + tallies(report.rejectedByReason)
      ),
    ]
    let repairable = report.repairableByRule.reduce(0) { $0 + $1.rows }
    if repairable > 0 {
      lines.append(
        ("repairable", "\(grouped(repairable)) with --repair" + tallies(report.repairableByRule)))
    }
    lines += [("users", users), ("countries", countries)]
    for (index, sample) in report.samples.firstOfEachReason(Self.maxSamples).enumerated() {
      // `file` and `text` have already passed through `SafeText`.
      let text = sample.text.isEmpty ? "" : ": \(sample.text)"
      lines.append(
        (index == 0 ? "samples" : "", "\(sample.file):\(sample.line): \(sample.reason)\(text)"))
    }
    return aligned(lines)
  }

  private func counts(_ accepted: Int, _ rejected: Int) -> String {
    counted(accepted, "row") + (rejected > 0 ? ", \(grouped(rejected)) bad" : "")
  }

  private func remark(_ reading: Manifest.Input.Reading) -> String {
    reading == .gzipWithTrailingBytes ? "; bytes after the end of the gzip data were ignored" : ""
  }

  /// The estimate ± two standard errors, a 95 % confidence interval.
  private var users: String {
    let share = decimal(2 * report.usersRelativeError * 100, 1)
    return "about \(grouped(report.users)) (an estimate: ±\(share)% with 95% confidence)"
  }

  private var countries: String {
    let all = report.countries
    let shown = all.prefix(Self.maxCountries).map {
      "\($0.country) \(percent($0.rows, of: report.accepted))"
    }
    let others = all.dropFirst(Self.maxCountries)
    let rest = others.reduce(0) { $0 + $1.rows }
    return grouped(all.count) + (shown.isEmpty ? "" : ": " + shown.joined(separator: ", "))
      + (others.isEmpty
        ? "" : ", \(others.count) others \(percent(rest, of: report.accepted))")
  }
}
