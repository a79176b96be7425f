package import ChartmillModel

/// Reads a line of a published file field by field, and accepts only what Chartmill writes.
@safe package struct ChartLineParser {
  private let bytes: UnsafeRawBufferPointer
  private(set) var index = 0

  package init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = unsafe bytes
  }

  /// The column of the next byte, from 1.
  package var column: Int { index + 1 }
  package var isAtEnd: Bool { unsafe index == bytes.count }

  /// Takes `text`. False, with nothing taken, if the line goes on with another text.
  package mutating func take(_ text: StaticString) -> Bool {
    let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard unsafe bytes[index...].starts(with: expected) else { return false }
    index += expected.count
    return true
  }

  /// Takes a number of digits without leading zeros, at most 2^63 − 1. Nil for anything else.
  package mutating func number() -> UInt64? {
    let start = index
    var value: UInt64 = 0
    while unsafe index < bytes.count {
      let digit = unsafe bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      // 19 digits fit 64 bits, and any number of 20 digits is too large.
      guard index - start < 19 else { return nil }
      value = value * 10 + UInt64(digit)
      index += 1
    }
    let isCanonical =
      unsafe index > start && (bytes[start] != UInt8(ascii: "0") || index == start + 1)
    return isCanonical && value <= UInt64(Int64.max) ? value : nil
  }

  /// Takes a country. Nil if the next two characters are not a code.
  package mutating func country() -> CountryCode? {
    guard unsafe bytes.count - index >= 2,
      let code = unsafe CountryCode(bytes[index], bytes[index + 1])
    else {
      return nil
    }
    index += 2
    return code
  }

  /// Takes the beginning of a line in a file of users, and returns the user. Nil for anything else.
  package mutating func userKey(_ format: ChartFormat) -> UInt64? {
    let (before, after): (StaticString, StaticString) =
      switch format {
      case .text: ("", "|")
      case .csv: ("", ",")
      case .jsonl: (Self.objectStart, ",")
      }
    guard take(before), let user = number(), take(after) else { return nil }
    return user
  }

  private static let objectStart: StaticString = "{\"user_id\":"

  /// The maximum number of bytes that `userKey` takes.
  package static let maxKeyBytes = objectStart.utf8CodeUnitCount + TextBuffer.maxDigits + 1
}
