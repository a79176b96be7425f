/// What reads a partition's records in order and makes charts of them.
protocol ChartBuilder {
  /// The next record: not before the last in (group, item).
  mutating func add(group: UInt64, item: UInt64, attribute: UInt64, streams: UInt64) throws
  /// After the partition's last record.
  mutating func end() throws
}
