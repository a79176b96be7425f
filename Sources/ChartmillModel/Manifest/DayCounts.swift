/// The counts of a day that `SuddenChange` compares.
package struct DayCounts: Sendable {
  package let day: Day
  package let accepted: Int
  package let rejected: Int
  /// The streams of each country that has any, by its code.
  package let streamsByCountry: [String: Int]

  package init(day: Day, accepted: Int, rejected: Int, streamsByCountry: [String: Int]) {
    self.day = day
    self.accepted = accepted
    self.rejected = rejected
    self.streamsByCountry = streamsByCountry
  }
}
