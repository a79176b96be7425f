/// Why the parts of a distributed job cannot be assembled.
package enum PartsError: Error, Sendable, Equatable {
  /// There is no part for the records of this partition.
  case missing(PartitionJob.Records, partition: Int)
  /// There are two parts for the records of this partition.
  case twice(PartitionJob.Records, partition: Int)
  /// A log or a part was made with different flags.
  case otherFlags(found: String, expected: String)
  /// A file is not the JSON of a plan.
  case notAPlan(path: String)
  /// A log is dated outside the window.
  case outsideWindow(log: String)
  /// The number of local charts differs from the number that the parts report.
  case localCharts(found: Int, expected: Int)
  /// The number of streams in the charts of all users, or of all countries, is not the number of
  /// accepted rows.
  case streams(PartitionJob.Records, charted: Int, accepted: Int)
}
