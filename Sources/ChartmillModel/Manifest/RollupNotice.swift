/// A notice about a kept rollup that a run used although its log is gone, or that it could not use.
package struct RollupNotice: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case logChanged = "the log changed after it was rolled up; its rollup was rebuilt"
    case logGone = "the log was not found; its kept rollup was used"
    case damaged = "the kept rollup is damaged; it was rebuilt"
    case otherPartitions = "the kept rollup was made with a different --partitions; it was rebuilt"
    case otherRules = """
      the kept rollup was made with different country codes or a different --repair setting; it was \
      rebuilt
      """
    case otherFormat = "the kept rollup was made by another version; it was rebuilt"
  }

  package let day: Day
  package let kind: Kind

  package init(day: Day, kind: Kind) {
    self.day = day
    self.kind = kind
  }
}
