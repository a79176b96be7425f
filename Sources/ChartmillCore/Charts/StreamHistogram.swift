/// How many users have how many streams, in buckets that double: bucket `k` is of those with 2^k to
/// 2^(k+1) − 1.
///
/// Memory: 63 counters, whatever is counted. Time: some ns a user.
package struct StreamHistogram: Sendable, Equatable {
  /// One for each bit that a number of streams may have: they fit `Int`.
  package static let maxBuckets = Int.bitWidth - 1

  private var counts = [Int](repeating: 0, count: maxBuckets)

  package init() {}

  /// Of a bucket.
  ///
  /// - Precondition: `bucket` is less than `maxBuckets`.
  package static func streams(of bucket: Int) -> ClosedRange<Int> {
    (1 << bucket)...(1 << bucket + ((1 << bucket) - 1))
  }

  /// Users by bucket, up to the last one that has any.
  package var users: [Int] {
    Array(counts.prefix(1 + (counts.lastIndex { $0 > 0 } ?? -1)))
  }

  /// - Precondition: `streams` is 1 … 2^63 − 1.
  @inline(__always)
  package mutating func add(userWith streams: UInt64) {
    counts[UInt64.bitWidth - 1 - streams.leadingZeroBitCount] += 1
  }

  mutating func merge(_ other: StreamHistogram) {
    for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
  }

  /// Adds users by bucket; those of buckets that there are not are left out.
  package mutating func merge(users: [Int]) {
    for (bucket, count) in zip(counts.indices, users) { counts[bucket] += count }
  }
}
