internal import Glibc

/// Estimates how many distinct numbers were added (HyperLogLog). Memory: 16 KiB.
///
/// P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a near-optimal
/// cardinality estimation algorithm" (2007); estimated by algorithm 6 of O. Ertl, "New cardinality
/// estimation algorithms for HyperLogLog sketches" (2017), which needs no corrections for small or
/// large counts.
///
/// Time: about 2 ns per number. The estimate does not depend on the order of the numbers, or on how
/// they are split before a merge.
struct DistinctCount: Sendable {
  /// The number of bits of the hash that select a register. The other 50 bits give its value.
  private static let indexBits = 14
  private static let valueBits = 64 - indexBits
  /// The standard error of the estimate as a share: 1.04 ÷ √registers (section 1 of the first
  /// paper).
  static let relativeStandardError = 1.04 / 128

  private var registers = [UInt8](repeating: 0, count: 1 << indexBits)

  mutating func add(_ numbers: UnsafeBufferPointer<UInt64>) {
    unsafe registers.withUnsafeMutableBufferPointer { registers in
      for index in 0..<numbers.count {
        let number = unsafe numbers[index]
        let hash = Self.hash(number)
        let index = Int(truncatingIfNeeded: hash &>> UInt64(Self.valueBits))
        // The position of the first 1 bit of the value, from 1; 51 if there is none.
        let rank = (hash &<< UInt64(Self.indexBits) | 1 << 13).leadingZeroBitCount + 1
        unsafe registers[index] = unsafe max(registers[index], UInt8(truncatingIfNeeded: rank))
      }
    }
  }

  /// Adds the numbers that were added to `other`.
  mutating func merge(_ other: DistinctCount) {
    for index in registers.indices {
      registers[index] = max(registers[index], other.registers[index])
    }
  }

  /// The estimated number of distinct numbers.
  var estimate: Int {
    let count = Double(registers.count)
    var registersOfValue = [Double](repeating: 0, count: Self.valueBits + 2)
    for value in registers { registersOfValue[Int(value)] += 1 }
    if registersOfValue[0] == count { return 0 }
    var sum = count * Self.tau(1 - registersOfValue[Self.valueBits + 1] / count)
    for value in stride(from: Self.valueBits, through: 1, by: -1) {
      sum = 0.5 * (sum + registersOfValue[value])
    }
    sum += count * Self.sigma(registersOfValue[0] / count)
    return Int((count * count / (2 * log(2) * sum)).rounded())
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). Each bit of the number affects all
  /// bits of the hash.
  @inline(__always)
  private static func hash(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ (value &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value &>> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value &>> 31)
  }

  /// Ertl's σ(x) for 0 ≤ x < 1: x + Σ 2^(k−1) x^(2^k), with k from 1.
  private static func sigma(_ share: Double) -> Double {
    var (power, factor, sum) = (share, 1.0, share)
    while true {
      power *= power
      let next = sum + power * factor
      if next == sum { return sum }
      (sum, factor) = (next, factor * 2)
    }
  }

  /// Ertl's τ(x) for 0 ≤ x ≤ 1: (1 − x − Σ 2^(−k) (1 − x^(2^(−k)))²) ÷ 3, with k from 1.
  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var (root, factor, sum) = (share, 1.0, 1 - share)
    while true {
      root = root.squareRoot()
      factor *= 0.5
      let next = sum - (1 - root) * (1 - root) * factor
      if next == sum { return sum / 3 }
      sum = next
    }
  }
}
