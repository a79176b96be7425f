import Testing

@testable import ChartmillCore

@Suite struct StreamHistogramTests {
  @Test func bucketsDouble() {
    var histogram = StreamHistogram()
    #expect(histogram.users == [])
    for streams in [1, 2, 3, 4, 7, 8] as [UInt64] { histogram.add(userWith: streams) }
    #expect(histogram.users == [1, 2, 2, 1])
    var largest = StreamHistogram()
    largest.add(userWith: UInt64(Int.max))
    histogram.merge(largest)
    #expect(histogram.users.count == 63)
    #expect(histogram.users.reduce(0, +) == 7 && histogram.users.last == 1)
  }

  /// Each number is counted in the bucket whose range contains it, and there are no gaps between
  /// buckets.
  @Test func rangesAgreeWithTheCounts() {
    for bucket in 0..<StreamHistogram.maxBuckets {
      let range = StreamHistogram.streams(of: bucket)
      for streams in [range.lowerBound, range.upperBound] {
        var histogram = StreamHistogram()
        histogram.add(userWith: UInt64(streams))
        #expect(histogram.users.count == bucket + 1)
      }
      if bucket > 0 {
        #expect(StreamHistogram.streams(of: bucket - 1).upperBound + 1 == range.lowerBound)
      }
    }
    #expect(StreamHistogram.streams(of: 62).upperBound == Int.max)
  }
}
