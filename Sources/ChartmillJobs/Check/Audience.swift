internal import ChartmillCore
internal import ChartmillModel

/// Counts the users and the rows per country, from accepted rows.
struct Audience: Sendable {
  private(set) var users = DistinctCount()
  /// The number of rows of each country, by its index.
  private(set) var rowsOfCountry = [Int](repeating: 0, count: CountryList.maxCount)

  mutating func add(_ batch: borrowing RowBatch) {
    unsafe users.add(UnsafeBufferPointer(start: batch.users, count: batch.count))
    for row in 0..<batch.count { unsafe rowsOfCountry[Int(batch.countries[row])] += 1 }
  }

  /// Adds the rows of `other`.
  mutating func merge(_ other: Audience) {
    users.merge(other.users)
    for index in rowsOfCountry.indices { rowsOfCountry[index] += other.rowsOfCountry[index] }
  }
}
