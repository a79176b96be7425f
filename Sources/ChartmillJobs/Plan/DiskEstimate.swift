internal import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// About how much disk a run needs, from the sizes of its logs.
///
/// The figures were measured on two synthetic weeks: 70 M rows of 5 M users, and 1.4 M rows of
/// 0.1 M users. On these the estimates were at most 15 % off; other ids, users or compression
/// may move them further.
struct DiskEstimate: Sendable, Equatable {
  /// A row as `gzip -6` stores it: 9.6 bytes in the large week, 8.4 in the small one, whose ids are
  /// shorter. So are their spills, so that bytes are estimated better than rows.
  private static let gzipBytesPerRow = 9.6
  /// A row of plain text: 21.3 bytes in the large week, 19.7 in the small one.
  private static let textBytesPerRow = 21.3
  /// A row in a spill file, by user and again by country, where segments are of `usualSegment` rows
  /// or more: 5.9 bytes in the large week at 256MiB with ISA-L, 5.7 with zlib.
  private static let leastSpillBytesPerRow = 5.9
  private static let usualSegment = 7_000_000.0
  /// What a row takes more for each time that a segment has only half as many: neighbouring users of
  /// a run are further apart, and fewer streams of one song meet. Measured in the large week:
  /// 6.4 bytes at 128MiB, 7.0 at 64MiB, 7.8 at 32MiB.
  private static let spillBytesPerHalving = 0.5
  /// A row's share of the published files. Text was measured in the large week (11.1 in the small
  /// one), both with 14 rows a user, the others in the small one. Charts that are cut at `top` make
  /// it less, users of one row more.
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

  /// Of the logs that are read.
  let rows: Int
  let outputBytes: Int
  let spillBytesPerRow: Double
  /// Of the day with the most.
  let largestDaySpillBytes: Int

  var spillBytes: Int { Int(saturating: Double(rows) * spillBytesPerRow) }

  /// - Parameters:
  ///   - keptRows: those of the window that are not read, because a rollup of them is kept.
  ///   - encoding: that of the charts; nil if there are none.
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
    let halvings = log2(Self.usualSegment / Double(max(1, rowsPerSegment)))
    spillBytesPerRow = Self.leastSpillBytesPerRow + Self.spillBytesPerHalving * max(0, halvings)
    largestDaySpillBytes = Int(saturating: (dayRows.max() ?? 0) * spillBytesPerRow)
  }
}
