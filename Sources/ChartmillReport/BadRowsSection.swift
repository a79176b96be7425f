internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// Bad rows, by reason and by day.
struct BadRowsSection {
  private let totals: Manifest.Totals
  private let days: ReportDays
  /// The reasons that have bad rows.
  private let reasons: [Manifest.Tally]

  init(_ report: PublishedReport) {
    totals = report.manifest.totals
    days = ReportDays(report)
    reasons = report.manifest.totals.rejectedByReason.filter { $0.rows > 0 }
  }

  var html: HTML {
    """
    <section>
    <h2>Bad rows</h2>
    \(reasons.isEmpty ? none : some)
    \(repaired)
    </section>

    """
  }

  private var none: HTML {
    totals.accepted == 0 ? "<p>The logs have no rows.</p>" : "<p>There are no bad rows.</p>"
  }

  private var some: HTML {
    """
    <p>Bad rows are not counted in any chart. Each row of this table has its own scale.</p>
    \(byReason.html)
    \(byDay.folded("Bad rows by day and reason as a table"))
    """
  }

  private var repaired: HTML {
    let tallies = totals.repairedByRule.filter { $0.rows > 0 }
    if tallies.isEmpty { return "" }
    let rules = tallies.map { "\($0.name) \(grouped($0.rows))" }.joined(separator: ", ")
    return "<p>Rows that were repaired and charted: \(rules).</p>"
  }

  private var byReason: ReportTable {
    ReportTable(
      id: "bad-rows-by-reason", caption: "Bad rows by reason",
      columns: [.name("Reason"), .drawing("By day"), .number("Rows"), .number("Share")],
      rows: reasons.map { tally in
        [
          "\(tally.name)", Bar.byDay(tally.name, days.rejected(tally.name)),
          "\(grouped(tally.rows))", "\(percent(tally.rows, of: totals.rejected))",
        ]
      }, hidesCaption: true)
  }

  private var byDay: ReportTable {
    ReportTable(
      id: "bad-rows-by-day", caption: "Bad rows by day and reason",
      columns: [.name("Day")] + reasons.map { .number($0.name) } + [.number("All")],
      rows: days.entries.map { entry in
        let counts: [HTML] = reasons.map { reason in
          entry.rows == nil ? "" : "\(grouped(entry.rejectedByReason[reason.name, default: 0]))"
        }
        return ["\(entry.day.long)"] + counts
          + [entry.rows == nil ? "no log" : "\(grouped(entry.rejected))"]
      })
  }
}
