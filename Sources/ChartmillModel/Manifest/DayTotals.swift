/// What the logs of one day add up to.
package struct DayTotals: Sendable {
  package let day: Day
  package internal(set) var logs = 0
  /// Bytes of the logs as they are stored.
  package internal(set) var bytes = 0
  package internal(set) var accepted = 0
  package internal(set) var rejected = 0
  /// Reasons that had a row.
  package internal(set) var rejectedByReason: [String: Int] = [:]

  package init(day: Day) {
    self.day = day
  }
}
