internal import ChartmillCore
internal import ChartmillModel

/// What a kept rollup says of its day: JSON, in a member behind the segments. Its size does not
/// depend on the logs, which follow one by one as `RollupLogRecord`.
struct RollupRecord: Codable, Sendable, Equatable {
  /// The number of this layout and of the spill format. Another number means rolling up again.
  static let format = 100 * Int(SpillFormat.version) + 3

  var format = RollupRecord.format
  let day: Day
  let partitions: Int
  /// The rules that decided which rows count: `RowRules.identity`.
  let rules: String
  /// How many logs follow, and the rows of all of them.
  let logs: Int
  let accepted: Int
  let rejected: Int
  /// Segments of the spill file.
  let segments: Int
  /// The first bad rows of each reason.
  let samples: [Manifest.Sample]
  /// Countries with streams, by their codes.
  let streamsByCountry: [String: Int]

  /// Whether the numbers are ones that a rollup can have.
  var isPlausible: Bool {
    logs >= 0 && accepted >= 0 && rejected >= 0 && segments >= 0
      && !accepted.addingReportingOverflow(rejected).overflow
      && streamsByCountry.values.allSatisfy { $0 >= 0 } && partitions.nonzeroBitCount == 1
      && Resources.partitionsRange.contains(partitions)
  }
}
