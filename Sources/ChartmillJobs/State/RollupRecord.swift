internal import ChartmillCore
internal import ChartmillModel

/// The record of a day in its kept rollup, as JSON in a member after the segments. Its size does
/// not depend on the number of logs, each of which has a `RollupLogRecord`.
struct RollupRecord: Codable, Sendable, Equatable {
  /// The number of this layout and of the spill format. A rollup with a different number is not
  /// used.
  static let format = 100 * Int(SpillFormat.version) + 3

  var format = RollupRecord.format
  let day: Day
  let partitions: Int
  /// `RowRules.identity` of the rules that the rows were accepted by.
  let rules: String
  /// The number of logs. Their records follow this one.
  let logs: Int
  let accepted: Int
  let rejected: Int
  /// The number of segments in the spill file.
  let segments: Int
  /// The first bad rows for each reason.
  let samples: [Manifest.Sample]
  /// The streams of each country that has any, by its code.
  let streamsByCountry: [String: Int]

  /// Whether these numbers are possible in a rollup.
  var isPlausible: Bool {
    logs >= 0 && accepted >= 0 && rejected >= 0 && segments >= 0
      && !accepted.addingReportingOverflow(rejected).overflow
      && streamsByCountry.values.allSatisfy { $0 >= 0 } && partitions.nonzeroBitCount == 1
      && Resources.partitionsRange.contains(partitions)
  }
}
