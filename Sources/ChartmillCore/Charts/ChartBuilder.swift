/// Makes charts from the records of a partition.
protocol ChartBuilder {
  /// Takes the next record. Records arrive in the order of (group, item).
  mutating func add(group: UInt64, item: UInt64, attribute: UInt64, streams: UInt64) throws
  /// Completes the charts after the partition's last record.
  mutating func end() throws
}
