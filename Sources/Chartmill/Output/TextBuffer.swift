/// A fixed buffer that lines are written into, and a fast way to write decimal numbers.
struct TextBuffer {
  /// Digits of 2^64 − 1.
  static let mostDigits = 20

  let capacity: Int
  private(set) var count = 0
  private let bytes: UnsafeMutablePointer<UInt8>

  /// Digits are stored eight bytes at a time, the last of which may lie behind the contents.
  static func byteCount(capacity: Int) -> Int { capacity + 8 + 64 }

  /// - Precondition: `slab` has `byteCount(capacity:)` bytes left.
  init(slab: Slab, capacity: Int) {
    self.capacity = capacity
    bytes = slab.carve(UInt8.self, capacity + 8)
  }

  var free: Int { capacity - count }
  var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }
  /// All of the memory, for a copy to go through once the contents are elsewhere.
  var wholeMemory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: capacity) }

  mutating func removeAll() {
    count = 0
  }

  /// - Precondition: one byte is free. So for the others: room is made once for a whole line.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ text: some Sequence<UInt8>) {
    for byte in text { append(byte) }
  }

  /// A gzip member of `text`.
  ///
  /// - Precondition: `GzipMember.bound(text.count)` bytes are free.
  mutating func append(memberOf text: UnsafeRawBufferPointer, _ compressor: ZlibCompressor) {
    let room = UnsafeMutableRawBufferPointer(start: bytes + count, count: free)
    count += GzipMember.writeDeflated(text, into: room, compressor)
  }

  /// Decimal digits: eight at a time, which for the ids and counts there are is all at once.
  @inline(__always)
  mutating func append(decimal value: UInt64) {
    if value < 10 { return append(UInt8(truncatingIfNeeded: value) &+ UInt8(ascii: "0")) }
    if value < 100_000_000 { return appendLeading(value) }
    appendLarge(value)
  }

  private mutating func appendLarge(_ value: UInt64) {
    let (high, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
    if high < 100_000_000 { appendLeading(high) } else { appendLarge(high) }
    store(Self.eightDigits(low), byteCount: 8)
  }

  /// - Precondition: `value` has eight digits at most.
  @inline(__always)
  private mutating func appendLeading(_ value: UInt64) {
    let digits = Self.eightDigits(value)
    // The last digit is written even when it is zero.
    let zeros = UInt64(min(digits.trailingZeroBitCount &>> 3, 7))
    store(digits &>> (zeros &* 8), byteCount: 8 &- Int(zeros))
  }

  @inline(__always)
  private mutating func store(_ digits: UInt64, byteCount: Int) {
    UnsafeMutableRawPointer(bytes + count).storeBytes(
      of: (digits | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
    count &+= byteCount
  }

  /// The eight digits of a number below 10^8, a byte each, the first one lowest. Halves are split
  /// side by side in one word, by multiplication with a reciprocal (P. Khuong, "How to print
  /// integers really fast", 2017).
  @inline(__always)
  private static func eightDigits(_ value: UInt64) -> UInt64 {
    // Two lanes of four digits, then four of two, then eight of one.
    let fours = value / 10000 | (value % 10000) &<< 32
    let hundreds = ((fours &* 10486) &>> 20) & 0x0000_007f_0000_007f
    let twos = hundreds | (fours &- 100 &* hundreds) &<< 16
    let tens = ((twos &* 103) &>> 10) & 0x000f_000f_000f_000f
    return tens | (twos &- 10 &* tens) &<< 8
  }
}
