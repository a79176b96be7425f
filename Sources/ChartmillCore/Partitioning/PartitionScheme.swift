/// Which partition a record belongs to, and the shorter key that is left of it inside.
///
/// An id is cut into its low bits and the rest, `quotient`. The partition is the low bits xor a
/// hash of the rest: as even as hashing, yet inside a partition the quotient alone names the id
/// (so keys are shorter by the partition's bits) and quotients sort as ids do. This is one round of
/// a Feistel network (H. Feistel, 1973), which is a bijection whatever the hash.
package struct PartitionScheme: Sendable, Equatable {
  /// log2 of the number of partitions, 0 … 10.
  package let bits: Int

  package var count: Int { 1 << bits }
  private var mask: UInt64 { (1 << UInt64(bits)) - 1 }

  /// - Precondition: `partitions` is a power of two, 1 … 1024.
  package init(partitions: Int) {
    precondition(partitions.nonzeroBitCount == 1 && partitions <= 1024)
    bits = partitions.trailingZeroBitCount
  }

  /// Fibonacci hashing (Knuth, TAOCP 6.4): the middle bits of a multiple of 2^64 ÷ golden ratio.
  @inline(__always)
  private func hash(_ value: UInt64) -> UInt64 {
    ((value &* 0x9e37_79b9_7f4a_7c15) &>> 40) & mask
  }

  @inline(__always)
  package func splitUser(_ user: UInt64) -> (partition: UInt64, quotient: UInt64) {
    let quotient = user &>> UInt64(bits)
    return ((user & mask) ^ hash(quotient), quotient)
  }

  @inline(__always)
  func user(partition: UInt64, quotient: UInt64) -> UInt64 {
    (quotient &<< UInt64(bits)) | (partition ^ hash(quotient))
  }

  /// Countries are salted by song: half of all rows may be one country's, and still its partitions
  /// are even. A song of a country lives in one partition, so local charts merge exactly.
  @inline(__always)
  func splitSong(_ song: UInt64, country: UInt64) -> (partition: UInt64, quotient: UInt64) {
    let quotient = song &>> UInt64(bits)
    return ((song & mask) ^ hash(quotient &+ country &* 0x1_0000_01b3), quotient)
  }

  @inline(__always)
  func song(partition: UInt64, quotient: UInt64, country: UInt64) -> UInt64 {
    (quotient &<< UInt64(bits)) | (partition ^ hash(quotient &+ country &* 0x1_0000_01b3))
  }
}
