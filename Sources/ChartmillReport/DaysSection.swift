internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// Rows of each day of the window.
struct DaysSection {
  private let days: ReportDays

  init(_ report: PublishedReport) {
    days = ReportDays(report)
  }

  var html: HTML {
    """
    <section>
    <h2>Rows per day</h2>
    \(plot.html)
    \(table.folded("Rows per day as a table"))
    </section>

    """
  }

  private var plot: ColumnPlot {
    ColumnPlot(
      id: "days", title: "Rows charted per day", description: description,
      columns: days.entries.map { entry in
        ColumnPlot.Column(
          value: entry.rows, valueLabel: compact(entry.rows ?? 0), axisLabel: days.label(entry))
      }, mostAxisLabels: days.mostLabels, gapLabel: "no log")
  }

  private var description: String {
    let present = days.entries.compactMap { entry in entry.rows.map { (entry.day, $0) } }
    guard let most = present.max(by: { $0.1 < $1.1 }), let least = present.min(by: { $0.1 < $1.1 })
    else { return "No day has a log." }
    let gaps = days.entries.count - present.count
    return "\(counted(days.entries.count, "day")): most rows on \(most.0.long), "
      + "\(grouped(most.1)); fewest on \(least.0.long), \(grouped(least.1))"
      + (gaps == 0 ? "." : "; \(counted(gaps, "day")) without a log.")
      + " A table with every day follows."
  }

  private var table: ReportTable {
    ReportTable(
      id: "rows-per-day", caption: "Rows per day",
      columns: [
        .name("Day"), .number("Rows"), .number("Bad rows"), .number("Bad share"),
      ],
      rows: days.entries.map { entry in
        guard let rows = entry.rows else { return ["\(entry.day.long)", "no log", "", ""] }
        return [
          "\(entry.day.long)", "\(grouped(rows))", "\(grouped(entry.rejected))",
          "\(percent(entry.rejected, of: rows + entry.rejected))",
        ]
      })
  }
}
