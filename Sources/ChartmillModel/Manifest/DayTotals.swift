/// The sums over the logs of one day.
package struct DayTotals: Sendable {
  package let day: Day
  package internal(set) var logs = 0
  /// The stored size of the logs.
  package internal(set) var bytes = 0
  package internal(set) var accepted = 0
  package internal(set) var rejected = 0
  /// The bad rows of each reason that has any.
  package internal(set) var rejectedByReason: [String: Int] = [:]

  package init(day: Day) {
    self.day = day
  }
}
