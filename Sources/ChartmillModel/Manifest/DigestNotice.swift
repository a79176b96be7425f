/// Something a person should know about the kept digests a run used, or did not.
package struct DigestNotice: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case logChanged = "the log changed since it was digested; digested again"
    case logGone = "the log is gone; its kept digest served"
    case damaged = "the kept digest is damaged; digested again"
    case otherPartitions = "digested with other partitions; digested again"
    case otherRules = "digested with other countries or repairs; digested again"
    case otherFormat = "digested by another version; digested again"
  }

  package let day: Day
  package let kind: Kind

  package init(day: Day, kind: Kind) {
    self.day = day
    self.kind = kind
  }
}
