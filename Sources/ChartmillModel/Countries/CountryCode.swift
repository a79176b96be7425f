/// The code of a country: a letter A–Z, then a letter or a digit (`FR`, `T1`). Codes are ordered by
/// bytes.
package struct CountryCode: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let first: UInt8
  private let second: UInt8

  package init?(_ first: UInt8, _ second: UInt8) {
    guard Self.isLetter(first), Self.isLetter(second) || Self.isDigit(second) else { return nil }
    self.first = first
    self.second = second
  }

  package static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
  package static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 2 else { return nil }
    self.init(bytes[0], bytes[1])
  }

  package var description: String { String(decoding: [first, second], as: UTF8.self) }

  package static func < (left: CountryCode, right: CountryCode) -> Bool {
    (left.first, left.second) < (right.first, right.second)
  }
}
