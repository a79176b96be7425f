import Testing

@testable import ChartmillJobs
@testable import ChartmillSynth

@Suite struct DistinctCountTests {
  private func count(_ numbers: [UInt64]) -> DistinctCount {
    var count = DistinctCount()
    numbers.withUnsafeBufferPointer { count.add($0) }
    return count
  }

  @Test func noneAndOne() {
    #expect(DistinctCount().estimate == 0)
    #expect(count([7, 7, 7]).estimate == 1)
    #expect(count([0]).estimate == 1)
    #expect(count([.max]).estimate == 1)
  }

  /// From few to many, through the ranges where the first paper needed corrections: within five
  /// standard errors, of numbers in a row and of numbers at random.
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

  /// The error that is told is the error that is made, over many sets.
  @Test func theStandardErrorIsTheOneItTells() {
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
    // No bias: the mean's own error is a fourteenth of one estimate's.
    #expect(abs(sum / Double(sets)) < DistinctCount.relativeStandardError / 3)
  }

  @Test func partsInAnyOrderGiveTheSame() {
    let numbers = (0..<50_000).map { UInt64($0) &* 7919 }
    var parts = count(Array(numbers[30_000...]))
    parts.merge(count(Array(numbers[..<40_000])))
    #expect(parts.estimate == count(numbers.reversed()).estimate)
  }
}
