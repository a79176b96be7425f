internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillText

/// How many streams users have in the window.
struct UsersSection {
  private let totals: Manifest.Totals
  private let top: Int
  private var buckets: [Int] { totals.usersByStreams }

  init(_ manifest: Manifest) {
    totals = manifest.totals
    top = manifest.top
  }

  var html: HTML {
    """
    <section>
    <h2>Streams per user</h2>
    \(buckets.isEmpty ? "<p>No user has a stream.</p>" : filled)
    </section>

    """
  }

  private var filled: HTML {
    """
    <p>\(summary)</p>
    \(plot.html)
    \(table.folded("Streams per user as a table"))
    """
  }

  private var summary: String {
    let mean = decimal(Double(totals.streams) / Double(max(1, totals.users)), 1)
    return "\(counted(totals.users, "user")) with \(mean) streams each on average; the "
      + "median user has \(Self.text(medianBucket)). All streams of the window count here, those below "
      + "a user's top \(top) too."
  }

  /// Of the lower one of the middle two.
  private var medianBucket: Int {
    var left = (totals.users - 1) / 2
    for (bucket, users) in buckets.enumerated() {
      if left < users { return bucket }
      left -= users
    }
    return max(0, buckets.count - 1)
  }

  private var plot: ColumnPlot {
    let most = buckets.enumerated().max { $0.element < $1.element }?.offset ?? 0
    return ColumnPlot(
      id: "users-by-streams", title: "Users by their streams",
      description: "Columns from left to right are of users with ever twice the streams; the "
        + "highest is of those with \(Self.text(most)): \(percent(buckets[most], of: totals.users)) "
        + "of all. A table follows.",
      columns: buckets.enumerated().map { bucket, users in
        ColumnPlot.Column(
          value: users, valueLabel: share(users),
          axisLabel: compact(StreamHistogram.streams(of: bucket).lowerBound, digits: 1))
      }, mostValueLabels: 12, mostAxisLabels: 8, labelsEdges: true)
  }

  /// Short enough for a phone; nothing over what is hardly seen: the table has it.
  private func share(_ users: Int) -> String {
    let share = Double(users) / Double(max(1, totals.users)) * 100
    return share < 0.5 ? "" : "\(decimal(share, 0))%"
  }

  private var table: ReportTable {
    ReportTable(
      id: "users-by-streams-table", caption: "Users by their streams in the window",
      columns: [.name("Streams"), .number("Users"), .number("Share")],
      rows: buckets.enumerated().map { bucket, users in
        [
          "\(Self.text(bucket))", "\(grouped(users))", "\(percent(users, of: totals.users))",
        ]
      })
  }

  private static func text(_ bucket: Int) -> String {
    let streams = StreamHistogram.streams(of: bucket)
    return streams.count == 1
      ? "1" : "\(grouped(streams.lowerBound)) to \(grouped(streams.upperBound))"
  }
}
