internal import ChartmillSystem

/// A share from 0 to 1, exact: a decimal fraction, so that 29 of 100 rows are 29% and no more.
package struct Share: Sendable, Equatable, CustomStringConvertible {
  /// Digits that a share may have, so that all of it fits an `Int`.
  package static let maxDigits = 18

  /// This share is `parts` of `whole`, a power of ten.
  private let parts: Int
  private let whole: Int
  /// Digits behind the decimal point: `whole` is ten to this power.
  private let decimals: Int

  /// Equal shares are equal, however they are written.
  private init(parts: Int, decimals: Int) {
    var (parts, decimals) = (parts, decimals)
    while decimals > 0, parts % 10 == 0 {
      parts /= 10
      decimals -= 1
    }
    self.parts = parts
    self.decimals = decimals
    whole = (0..<decimals).reduce(1) { power, _ in power * 10 }
  }

  /// - Precondition: 0 … 100.
  package static func percent(_ percent: Int) -> Share {
    precondition((0...100).contains(percent))
    return Share(parts: percent, decimals: 2)
  }

  /// Reads decimal digits with at most one point, `5` or `0.25`: no sign, no exponent. Nil when
  /// they are something else, above 1 (or 100 percent), or too many.
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
    if parts > whole { return nil }
  }

  /// Whether `part` of `total` is more than this share. Nothing is more than any share of nothing.
  package func isExceeded(by part: Int, of total: Int) -> Bool {
    let found = max(0, part).multipliedFullWidth(by: whole)
    let allowed = max(0, total).multipliedFullWidth(by: parts)
    return (found.high, found.low) > (allowed.high, allowed.low)
  }

  /// In percent: `5%`, `0.25%`.
  package var description: String {
    var digits = String(parts)
    // Percent has two decimals fewer.
    if decimals < 2 { digits += String(repeating: "0", count: 2 - decimals) }
    let fraction = max(0, decimals - 2)
    digits = digits.padded(to: fraction + 1)
    let integer = String(digits.dropLast(fraction).drop { $0 == "0" })
    let rest = digits.suffix(fraction)
    let shown = rest.dropLast(rest.reversed().prefix { $0 == "0" }.count)
    return (integer.isEmpty ? "0" : integer) + (shown.isEmpty ? "" : "." + shown) + "%"
  }
}
