/// Divides an id into its partition and a shorter key within the partition.
///
/// An id is cut into its low bits and its high bits, the *quotient*. The partition is the low bits
/// xor a hash of the quotient. Partitions are as even as with any other hashing, but within a
/// partition the quotient alone identifies the id. So keys do not need the bits of the partition,
/// and quotients sort in the same order as ids. This is one round of a Feistel network (H. Feistel,
/// 1973), which is a bijection for any hash.
package struct PartitionScheme: Sendable, Equatable {
  /// The binary logarithm of the number of partitions, 0 … 10.
  package let bits: Int

  package var count: Int { 1 << bits }
  private var mask: UInt64 { (1 << UInt64(bits)) - 1 }

  /// - Precondition: `partitions` is a power of two, 1 … 1024.
  package init(partitions: Int) {
    precondition(partitions.nonzeroBitCount == 1 && partitions <= 1024)
    bits = partitions.trailingZeroBitCount
  }

  /// Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4): the middle bits of a multiple of 2^64 divided by
  /// the golden ratio.
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

  /// The place of a user in the order of the user files, which is by partition and then by id.
  /// Places are below 2^63, and each belongs to one user.
  ///
  /// - Precondition: `user` is below 2^63.
  @inline(__always)
  package func place(ofUser user: UInt64) -> UInt64 {
    let (partition, quotient) = splitUser(user)
    return partition &<< quotientBits | quotient
  }

  package func partition(ofPlace place: UInt64) -> UInt64 { place &>> quotientBits }

  package func user(atPlace place: UInt64) -> UInt64 {
    user(partition: partition(ofPlace: place), quotient: place & ((1 << quotientBits) - 1))
  }

  /// The number of bits of the quotient of a user below 2^63.
  private var quotientBits: UInt64 { UInt64(63 - bits) }

  /// The partition and quotient of a song in a country.
  ///
  /// The song decides the partition, and the country only salts the hash. So partitions have about
  /// the same size, even if half of all rows are from one country. All rows with the same song and
  /// country are in one partition, so the charts of partitions merge exactly.
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
