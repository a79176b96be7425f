/// Two letters A–Z. Codes order as their letters do.
public struct CountryCode: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let first: UInt8
  private let second: UInt8

  init?(_ first: UInt8, _ second: UInt8) {
    guard (65...90).contains(first), (65...90).contains(second) else { return nil }
    self.first = first
    self.second = second
  }

  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 2 else { return nil }
    self.init(bytes[0], bytes[1])
  }

  public var description: String { String(decoding: [first, second], as: UTF8.self) }

  public static func < (left: CountryCode, right: CountryCode) -> Bool {
    (left.first, left.second) < (right.first, right.second)
  }
}
