/// What a day held, as far as sudden changes are looked for.
package struct DayCounts: Sendable {
  package let day: Day
  package let accepted: Int
  package let rejected: Int
  /// Countries with streams, by their codes.
  package let streamsByCountry: [String: Int]

  package init(day: Day, accepted: Int, rejected: Int, streamsByCountry: [String: Int]) {
    self.day = day
    self.accepted = accepted
    self.rejected = rejected
    self.streamsByCountry = streamsByCountry
  }
}
