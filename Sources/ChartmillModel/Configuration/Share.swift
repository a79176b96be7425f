internal import ChartmillSystem

/// An exact share from 0 to 1, held as a decimal fraction: 29 of 100 rows are not more than 29%.
package struct Share: Sendable, Equatable, CustomStringConvertible {
  /// The maximum number of digits in a share, so that its parts fit an `Int`.
  package static let maxDigits = 18

  /// The share is `parts` of `scale`, a power of ten.
  private let parts: Int
  private let scale: Int
  /// The number of digits after the decimal point: `scale` is ten to this power.
  private let decimals: Int

  /// Removes trailing zeros, so that equal shares compare as equal.
  private init(parts: Int, decimals: Int) {
    var (parts, decimals) = (parts, decimals)
    while decimals > 0, parts % 10 == 0 {
      parts /= 10
      decimals -= 1
    }
    self.parts = parts
    self.decimals = decimals
    scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
  }

  /// - Precondition: 0 … 100.
  package static func percent(_ percent: Int) -> Share {
    precondition((0...100).contains(percent))
    return Share(parts: percent, decimals: 2)
  }

  /// Parses decimal digits with at most one point, such as `5` or `0.25`, without a sign or an
  /// exponent. Nil for any other text, for a share above 1, and for more than `maxDigits` digits.
  package init?(decimal text: some StringProtocol, isPercent: Bool) {
    let bytes = Array(text.utf8)
    let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.count
    let digits = bytes[..<point] + bytes[point...].dropFirst()
    guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let fraction = bytes[point...].dropFirst()
    let trailingZeros = fraction.reversed().prefix { $0 == 48 }.count
    let significant = digits.dropLast(trailingZeros)
    let decimals = fraction.count - trailingZeros + (isPercent ? 2 : 0)
    let leadingZeros = significant.prefix { $0 == 48 }.count
    guard significant.count - leadingZeros <= Self.maxDigits, decimals <= Self.maxDigits else {
      return nil
    }
    self.init(parts: significant.reduce(0) { $0 * 10 + Int($1 - 48) }, decimals: decimals)
    if parts > scale { return nil }
  }

  /// Whether `part` of `total` is more than this share. It is false if `part` is 0.
  package func isExceeded(by part: Int, of total: Int) -> Bool {
    let found = max(0, part).multipliedFullWidth(by: scale)
    let allowed = max(0, total).multipliedFullWidth(by: parts)
    return (found.high, found.low) > (allowed.high, allowed.low)
  }

  /// The share in percent: `5%`, `0.25%`.
  package var description: String {
    var digits = String(parts)
    // A percentage has two decimals fewer than the share.
    if decimals < 2 { digits += String(repeating: "0", count: 2 - decimals) }
    let fraction = max(0, decimals - 2)
    digits = digits.padded(to: fraction + 1)
    let integer = String(digits.dropLast(fraction).drop { $0 == "0" })
    let rest = digits.suffix(fraction)
    let shown = rest.dropLast(rest.reversed().prefix { $0 == "0" }.count)
    return (integer.isEmpty ? "0" : integer) + (shown.isEmpty ? "" : "." + shown) + "%"
  }
}
