internal import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// Estimates the disk space that a run needs from the sizes of its logs.
///
/// The constants were measured on two synthetic weeks: a large one with 70 M rows of 5 M users, and
/// a small one with 1.4 M rows of 0.1 M users. For these weeks, the estimates were at most 15 %
/// off. Logs with different ids, users or compression may differ more.
struct DiskEstimate: Sendable, Equatable {
  /// The size of a row compressed with `gzip -6`: 9.6 bytes in the large week, and 8.4 in the small
  /// one, which has shorter ids. Shorter ids also make spill files smaller, so the estimates of
  /// bytes are more accurate than those of rows.
  private static let gzipBytesPerRow = 9.6
  /// The size of a row of plain text: 21.3 bytes in the large week, 19.7 in the small one.
  private static let textBytesPerRow = 21.3
  /// The size of a row in a spill file if segments have `largeSegmentRows` rows or more. A row is
  /// stored twice, by user and by country. In the large week at 256MiB, it takes 5.9 bytes with
  /// ISA-L and 5.7 with zlib.
  private static let minSpillBytesPerRow = 5.9
  private static let largeSegmentRows = 7_000_000.0
  /// The additional size of a row each time that the number of rows per segment is halved. Then
  /// neighboring users in a sorted run are further apart, and fewer equal rows are folded. Measured
  /// in the large week: 6.4 bytes per row at 128MiB, 7.0 at 64MiB, 7.8 at 32MiB.
  private static let spillBytesPerHalving = 0.5
  /// The bytes of the published files per row. Plain text was measured in the large week (11.1 in
  /// the small one), and the other encodings in the small one. Both weeks have 14 rows per user.
  /// Charts that are cut at `top` need less per row, and users with a single row need more.
  private static func outputBytesPerRow(_ encoding: ChartEncoding) -> Double {
    switch (encoding.format, encoding.compresses) {
    case (.text, false): 11.3
    case (.text, true): 5.0
    case (.csv, false): 17.5
    case (.csv, true): 7.0
    case (.jsonl, false): 32
    case (.jsonl, true): 6.3
    }
  }

  /// The number of rows in the logs that are read.
  let rows: Int
  let outputBytes: Int
  let spillBytesPerRow: Double
  /// The size of the spill files of the largest day.
  let largestDaySpillBytes: Int

  var spillBytes: Int { Int(saturating: Double(rows) * spillBytesPerRow) }

  /// - Parameters:
  ///   - keptRows: the rows of the window that are not read, because their rollups are kept.
  ///   - encoding: the encoding of the charts; nil if there are none.
  init(
    _ days: [JobPlan.DayPlan], keptRows: Int = 0, rowsPerSegment: Int, encoding: ChartEncoding?
  ) {
    let dayRows = days.map { day in
      day.logs.reduce(0) { sum, log in
        sum + Double(log.byteCount) / (log.isGzip ? Self.gzipBytesPerRow : Self.textBytesPerRow)
      }
    }
    let rows = dayRows.reduce(0, +)
    self.rows = Int(saturating: rows)
    outputBytes = Int(
      saturating: (rows + Double(keptRows))
        * (encoding.map(Self.outputBytesPerRow) ?? 0))
    let halvings = log2(Self.largeSegmentRows / Double(max(1, rowsPerSegment)))
    spillBytesPerRow = Self.minSpillBytesPerRow + Self.spillBytesPerHalving * max(0, halvings)
    largestDaySpillBytes = Int(saturating: (dayRows.max() ?? 0) * spillBytesPerRow)
  }
}
