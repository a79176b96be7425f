/// Reads the id of a user or a song in a list from outside.
enum DecimalID {
  /// The value of decimal digits; nil for no text, for other bytes, and above 2^63 − 1.
  static func value(_ text: UnsafeRawBufferPointer) -> UInt64? {
    if unsafe text.isEmpty { return nil }
    var value: UInt64 = 0
    for index in text.indices {
      let digit = unsafe text[index] &- UInt8(ascii: "0")
      // One more digit fits 64 bits, because the value is at most 2^63 / 10 here.
      guard digit <= 9, value <= UInt64(Int64.max) / 10 else { return nil }
      value = value * 10 + UInt64(digit)
    }
    return value <= UInt64(Int64.max) ? value : nil
  }
}
