/// Why parts do not make a whole.
package enum PartsError: Error, Sendable, Equatable {
  case missing(PartitionJob.Records, partition: Int)
  case twice(PartitionJob.Records, partition: Int)
  /// Made with other flags: what they say, and what was expected.
  case otherFlags(found: String, expected: String)
  case outsideWindow(log: String)
  /// Local charts of countries, beside those that the parts speak of.
  case localCharts(found: Int, expected: Int)
  /// Streams in the charts of all users or countries, beside the rows that were accepted.
  case streams(PartitionJob.Records, charted: Int, accepted: Int)
}
