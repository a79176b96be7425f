/// The generator xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
/// Generators", 2019). It gives the same numbers on every machine. Time: about 1 ns per number.
struct RandomStream: RandomNumberGenerator {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Seeded through SplitMix64, as its authors advise.
  init(seed: UInt64) {
    state = (
      splitMix(seed, step: 1), splitMix(seed, step: 2), splitMix(seed, step: 3),
      splitMix(seed, step: 4)
    )
  }

  mutating func next() -> UInt64 {
    func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
      word << bits | word >> (64 - bits)
    }
    let result = rotated(state.0 &+ state.3, 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }
}

/// Output number `step` of SplitMix64 with the seed `seed` (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014). It is a bijection of `seed`, so it is also used as a
/// hash.
func splitMix(_ seed: UInt64, step: UInt64 = 1) -> UInt64 {
  var word = seed &+ step &* 0x9e37_79b9_7f4a_7c15
  word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
  word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
  return word ^ word >> 31
}

/// The upper 53 bits of `word` as a number in [0, 1).
func unitInterval(_ word: UInt64) -> Double {
  Double(word >> 11) * 0x1p-53
}
