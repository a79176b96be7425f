internal import ChartmillCore
internal import ChartmillModel

/// Who the accepted rows are of.
struct Audience: Sendable {
  private(set) var users = DistinctCount()
  /// By the index of the country.
  private(set) var rowsOfCountry = [Int](repeating: 0, count: CountryList.maximumCount)

  mutating func add(_ batch: borrowing RowBatch) {
    unsafe users.add(UnsafeBufferPointer(start: batch.users, count: batch.count))
    for row in 0..<batch.count { unsafe rowsOfCountry[Int(batch.countries[row])] += 1 }
  }

  mutating func merge(_ other: Audience) {
    users.merge(other.users)
    for index in rowsOfCountry.indices { rowsOfCountry[index] += other.rowsOfCountry[index] }
  }
}
