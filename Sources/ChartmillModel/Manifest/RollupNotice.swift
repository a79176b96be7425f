/// A notice about a kept rollup that a run used although its log is gone, or that it could not use.
package struct RollupNotice: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case logChanged = "the log changed since it was rolled up; rolled up again"
    case logGone = "the log is gone; its kept rollup served"
    case damaged = "the kept rollup is damaged; rolled up again"
    case otherPartitions = "rolled up with other partitions; rolled up again"
    case otherRules = "rolled up with other countries or repairs; rolled up again"
    case otherFormat = "rolled up by another version; rolled up again"
  }

  package let day: Day
  package let kind: Kind

  package init(day: Day, kind: Kind) {
    self.day = day
    self.kind = kind
  }
}
