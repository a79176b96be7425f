internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The rows of each day of the window.
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
      }, maxAxisLabels: days.maxLabels, gapLabel: "no log")
  }

  private var description: String {
    let present = days.entries.compactMap { entry in entry.rows.map { (entry.day, $0) } }
    guard let max = present.max(by: { $0.1 < $1.1 }), let min = present.min(by: { $0.1 < $1.1 })
    else { return "No day has a log." }
    let gaps = days.entries.count - present.count
    let rows =
      max.1 == min.1
      ? "\(present.count == 1 ? max.0.long : "Every day with a log") has \(counted(max.1, "row"))."
      : "\(max.0.long) has the most rows, \(grouped(max.1)). "
        + "\(min.0.long) has the fewest, \(grouped(min.1))."
    return rows
      + (gaps == 0 ? "" : " Days without a log: \(grouped(gaps)).")
      + " A table with every day follows."
  }

  private var table: ReportTable {
    ReportTable(
      id: "rows-per-day", caption: "Rows per day",
      columns: [
        .name("Day"), .number("Rows"), .number("Bad rows"), .number("Share"),
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
