package import ChartmillSystem

/// A text buffer of a fixed size that writes decimal numbers fast.
@safe package struct TextBuffer {
  /// The number of digits of 2^64 − 1.
  static let maxDigits = 20

  let capacity: Int
  package private(set) var count = 0
  private let bytes: UnsafeMutablePointer<UInt8>
  /// The digits "00" to "99".
  private let pairs: UnsafeMutablePointer<UInt16>

  /// The memory of a buffer.
  @safe package struct Memory {
    let capacity: Int
    let bytes: UnsafeMutablePointer<UInt8>
    let pairs: UnsafeMutablePointer<UInt16>

    /// The size of the table of digit pairs in bytes, rounded up to cache lines.
    package static let tableBytes = 256

    /// - Parameter byteCount: the size of text and table together, in bytes.
    package init(in arena: Arena, byteCount: Int) {
      capacity = (byteCount - Self.tableBytes) & ~63
      unsafe bytes = unsafe arena.allocate(UInt8.self, capacity)
      unsafe pairs = unsafe arena.allocate(UInt16.self, Self.tableBytes / 2)
    }
  }

  package init(_ memory: Memory) {
    capacity = memory.capacity
    unsafe bytes = unsafe memory.bytes
    unsafe pairs = unsafe memory.pairs
    for value in 0..<100 {
      unsafe pairs[value] = UInt16(
        littleEndian: UInt16(value / 10 + 48) | UInt16(value % 10 + 48) << 8)
    }
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

  /// Appends decimal digits, which are written in pairs from the end.
  @inline(__always)
  mutating func append(decimal value: UInt64) {
    let digits = Self.digitCount(value)
    var end = unsafe bytes + count + digits
    count &+= digits
    var rest = value
    while rest >= 100 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
      unsafe end -= 2
      unsafe UnsafeMutableRawPointer(end).storeBytes(
        of: pairs[Int(truncatingIfNeeded: remainder)], as: UInt16.self)
      rest = quotient
    }
    if rest >= 10 {
      unsafe UnsafeMutableRawPointer(end - 2).storeBytes(
        of: pairs[Int(truncatingIfNeeded: rest)], as: UInt16.self)
    } else {
      unsafe (end - 1).pointee = UInt8(truncatingIfNeeded: rest) &+ 48
    }
  }

  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    var digits = 1
    var rest = value
    while rest >= 10000 {
      rest /= 10000
      digits &+= 4
    }
    if rest >= 1000 { return digits &+ 3 }
    if rest >= 100 { return digits &+ 2 }
    return rest >= 10 ? digits &+ 1 : digits
  }
}
