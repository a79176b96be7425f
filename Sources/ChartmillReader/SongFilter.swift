internal import ChartmillSystem

/// A set of song ids that may also contain ids that were not added: a Bloom filter (B. H. Bloom,
/// CACM 1970) whose bits for one id are in one cache line (Putze, Sanders, Singler, WEA 2007).
///
/// Time: one cache miss per call. Memory: `byteCount`, as far as it is used. With 16 bits per id,
/// about 0.5 % of other ids are contained; with 4 bits, about a quarter.
@safe struct SongFilter {
  private static let blockBytes = 64
  /// The number of bits that an id sets.
  private static let bitsPerSong: UInt64 = 4

  private let arena: Arena
  private let blocks: UnsafeMutablePointer<UInt64>
  private let blockMask: UInt64

  /// - Parameter byteCount: a power of two, at least 64.
  init(byteCount: Int) throws {
    arena = try Arena(byteCount: byteCount)
    unsafe blocks = unsafe arena.allocate(UInt64.self, byteCount / 8)
    blockMask = UInt64(byteCount / Self.blockBytes - 1)
  }

  func add(_ song: UInt64) {
    let (block, bits) = place(of: song)
    forEachBit(bits) { word, bit in
      unsafe blocks[block + word] |= bit
      return true
    }
  }

  /// Whether a song was added. Sometimes true for a song that was not.
  func mayContain(_ song: UInt64) -> Bool {
    let (block, bits) = place(of: song)
    return forEachBit(bits) { word, bit in unsafe blocks[block + word] & bit != 0 }
  }

  /// The index of the first word of a song's cache line, and a hash that gives the bits in it.
  private func place(of song: UInt64) -> (block: Int, bits: UInt64) {
    // The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    var hash = song &+ 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    hash ^= hash >> 31
    return (Int(hash >> 36 & blockMask) * (Self.blockBytes / 8), hash)
  }

  /// Calls `body` with the word and the mask of each bit, until it returns false; returns whether it
  /// never did.
  @discardableResult
  private func forEachBit(_ bits: UInt64, _ body: (Int, UInt64) -> Bool) -> Bool {
    for index in 0..<Self.bitsPerSong {
      let bit = bits >> (index * 9) & 511
      if !body(Int(bit >> 6), 1 << (bit & 63)) { return false }
    }
    return true
  }
}
