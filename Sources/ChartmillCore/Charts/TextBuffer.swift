package import ChartmillSystem

/// A text buffer of a fixed size that writes decimal numbers fast.
@safe package struct TextBuffer {
  /// The number of digits of 2^64 − 1.
  static let maxDigits = 20

  let capacity: Int
  package private(set) var count = 0
  private let bytes: UnsafeMutablePointer<UInt8>

  /// The memory of a buffer.
  @safe package struct Memory {
    let capacity: Int
    let bytes: UnsafeMutablePointer<UInt8>

    /// - Parameter byteCount: the capacity in bytes, which is rounded down to cache lines.
    package init(in arena: Arena, byteCount: Int) {
      capacity = byteCount & ~63
      unsafe bytes = unsafe arena.allocate(UInt8.self, capacity)
    }
  }

  package init(_ memory: Memory) {
    capacity = memory.capacity
    unsafe bytes = unsafe memory.bytes
  }

  package var free: Int { capacity - count }
  package var contents: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: bytes, count: count)
  }
  /// All of the memory for text. It can be used as a copy buffer once the contents are written
  /// elsewhere.
  var allMemory: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: bytes, count: capacity)
  }

  package mutating func removeAll() {
    count = 0
  }

  /// Appends a byte.
  ///
  /// - Precondition: A byte is free. No `append` checks this, because callers make space once for a
  ///   complete entry.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    unsafe bytes[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ text: some Sequence<UInt8>) {
    for byte in text { append(byte) }
  }

  /// Appends a gzip member of `text`.
  ///
  /// - Precondition: `GzipMember.bound(text.count)` bytes are free.
  mutating func append(memberOf text: UnsafeRawBufferPointer, _ compressor: ZlibCompressor) {
    let unused = unsafe UnsafeMutableRawBufferPointer(start: bytes + count, count: free)
    unsafe count += GzipMember.writeDeflated(text, into: unused, compressor)
  }

  /// Appends the decimal digits of a number, eight at a time.
  ///
  /// - Precondition: `maxDigits` bytes are free, even if the number has fewer digits.
  @inline(__always)
  mutating func append(decimal value: UInt64) {
    if value < 10 { return append(UInt8(truncatingIfNeeded: value) &+ 48) }
    if value < 100_000_000 { return append(leadingDigits: value) }
    let high = value / 100_000_000
    if high < 100 {
      // The length of most ids follows from one comparison, so the next digits need not wait for
      // these.
      let isShort: UInt64 = high < 10 ? 1 : 0
      let tens = (high &* 103) &>> 10
      store((tens | (high &- tens &* 10) &<< 8 | Self.asciiZeros) &>> (8 &* isShort))
      count &+= 2 &- Int(truncatingIfNeeded: isShort)
    } else if high < 100_000_000 {
      append(leadingDigits: high)
    } else {
      append(leadingDigits: high / 100_000_000)
      append(eightDigits: high % 100_000_000)
    }
    append(eightDigits: value % 100_000_000)
  }

  /// Appends the digits of a number from 1 to 99,999,999, and writes over the 8 bytes after `count`.
  @inline(__always)
  private mutating func append(leadingDigits value: UInt64) {
    let digits = Self.eightDigits(value)
    let zeros = digits.trailingZeroBitCount & ~7
    store((digits | Self.asciiZeros) &>> zeros)
    count &+= 8 &- zeros / 8
  }

  @inline(__always)
  private mutating func append(eightDigits value: UInt64) {
    store(Self.eightDigits(value) | Self.asciiZeros)
    count &+= 8
  }

  @inline(__always)
  private func store(_ text: UInt64) {
    unsafe UnsafeMutableRawPointer(bytes + count).storeBytes(
      of: text.littleEndian, as: UInt64.self)
  }

  private static let asciiZeros: UInt64 = 0x3030_3030_3030_3030

  /// The eight digits of a number below 10^8, the first in the lowest byte.
  ///
  /// The number is split into halves of four digits, then of two and one, all halves in one word at
  /// a time. The divisions are multiplications by an approximate inverse, which is exact in the
  /// range of a half (Lamport, "Multiple byte processing with full-word instructions", 1975; Warren,
  /// Hacker's Delight, 10).
  @inline(__always)
  private static func eightDigits(_ value: UInt64) -> UInt64 {
    let fours = value / 10_000 | (value % 10_000) &<< 32
    let hundreds = ((fours &* 10_486) &>> 20) & 0x7f_0000_007f
    let twos = hundreds | (fours &- hundreds &* 100) &<< 16
    let tens = ((twos &* 103) &>> 10) & 0x000f_000f_000f_000f
    return tens | (twos &- tens &* 10) &<< 8
  }
}
