internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillText

/// How many streams the users have in the window.
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
    \(buckets.isEmpty ? "<p>No user has any streams.</p>" : filled)
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
    let users =
      totals.users == 1
      ? "The only user has \(counted(totals.streams, "stream"))."
      : "\(counted(totals.users, "user")) have \(mean) streams each on average. The median user has "
        + "\(Self.streams(medianBucket))."
    return "\(users) All streams in the window count, including songs below a user's top \(top)."
  }

  /// The bucket of the median user. If the number of users is even, it is the bucket of the lower
  /// of the two middle users.
  private var medianBucket: Int {
    var left = (totals.users - 1) / 2
    for (bucket, users) in buckets.enumerated() {
      if left < users { return bucket }
      left -= users
    }
    return max(0, buckets.count - 1)
  }

  private var plot: ColumnPlot {
    let tallest = buckets.enumerated().max { $0.element < $1.element }?.offset ?? 0
    return ColumnPlot(
      id: "users-by-streams", title: "Users by number of streams",
      description: "Each column covers twice as many streams as the previous one. The tallest is "
        + "\(Self.streams(tallest)), with \(percent(buckets[tallest], of: totals.users)) of the users. "
        + "A table follows.",
      columns: buckets.enumerated().map { bucket, users in
        ColumnPlot.Column(
          value: users, valueLabel: share(users),
          axisLabel: compact(StreamHistogram.streams(of: bucket).lowerBound, digits: 1))
      }, maxValueLabels: 12, maxAxisLabels: 8, labelsEdges: true)
  }

  /// Short enough for a phone. A column that is hardly visible has no label, but the table has its
  /// number.
  private func share(_ users: Int) -> String {
    let share = Double(users) / Double(max(1, totals.users)) * 100
    return share < 0.5 ? "" : "\(decimal(share, 0))%"
  }

  private var table: ReportTable {
    ReportTable(
      id: "users-by-streams-table", caption: "Users by number of streams in the window",
      columns: [.name("Streams"), .number("Users"), .number("Share")],
      rows: buckets.enumerated().map { bucket, users in
        [
          "\(Self.text(bucket))", "\(grouped(users))", "\(percent(users, of: totals.users))",
        ]
      })
  }

  private static func streams(_ bucket: Int) -> String {
    bucket == 0 ? "1 stream" : "\(text(bucket)) streams"
  }

  private static func text(_ bucket: Int) -> String {
    let streams = StreamHistogram.streams(of: bucket)
    return streams.count == 1
      ? "1" : "\(grouped(streams.lowerBound)) to \(grouped(streams.upperBound))"
  }
}
