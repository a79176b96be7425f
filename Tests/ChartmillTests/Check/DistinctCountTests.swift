import Testing

@testable import ChartmillJobs
@testable import ChartmillSynth

@Suite struct DistinctCountTests {
  private func count(_ numbers: [UInt64]) -> DistinctCount {
    var count = DistinctCount()
    numbers.withUnsafeBufferPointer { count.add($0) }
    return count
  }

  @Test func noneAndOneAreExact() {
    #expect(DistinctCount().estimate == 0)
    #expect(count([7, 7, 7]).estimate == 1)
    #expect(count([0]).estimate == 1)
    #expect(count([.max]).estimate == 1)
  }

  /// Estimates are within five standard errors, for consecutive and for random numbers. The counts
  /// include the ranges for which the original algorithm needs corrections.
  @Test(arguments: [2, 10, 100, 1000, 10_000, 40_000, 80_000, 300_000, 2_000_000])
  func isWithinItsError(_ distinct: Int) {
    let inARow = (0..<UInt64(distinct)).map { $0 }
    var random = RandomStream(seed: UInt64(distinct))
    let atRandom = Set(inARow.map { _ in random.next() })
    for (numbers, truth) in [(inARow, distinct), (Array(atRandom), atRandom.count)] {
      let error = Double(count(numbers).estimate - truth) / Double(truth)
      #expect(abs(error) <= 5 * DistinctCount.relativeStandardError, "\(error)")
    }
  }

  /// Over many sets, the deviation of the estimates agrees with the reported standard error.
  @Test func theReportedStandardErrorIsRight() {
    var random = RandomStream(seed: 3)
    let sets = 200
    var (sum, squares) = (0.0, 0.0)
    for _ in 0..<sets {
      let error = Double(count((0..<20_000).map { _ in random.next() }).estimate) / 20_000 - 1
      sum += error
      squares += error * error
    }
    let deviation = (squares / Double(sets)).squareRoot()
    #expect(deviation > 0.6 * DistinctCount.relativeStandardError)
    #expect(deviation < 1.3 * DistinctCount.relativeStandardError)
    // There is no bias. The standard error of the mean is a fourteenth of that of one estimate.
    #expect(abs(sum / Double(sets)) < DistinctCount.relativeStandardError / 3)
  }

  @Test func mergingPartsInAnyOrderGivesTheSame() {
    let numbers = (0..<50_000).map { UInt64($0) &* 7919 }
    var parts = count(Array(numbers[30_000...]))
    parts.merge(count(Array(numbers[..<40_000])))
    #expect(parts.estimate == count(numbers.reversed()).estimate)
  }
}
