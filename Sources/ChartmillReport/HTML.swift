internal import ChartmillModel

/// Markup that is safe against injection: literals are markup, and interpolated text is escaped.
struct HTML: ExpressibleByStringInterpolation {
  private(set) var markup: String

  init(stringLiteral literal: String) {
    markup = literal
  }

  init(stringInterpolation: StringInterpolation) {
    markup = stringInterpolation.markup
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { markup += literal }
    /// Text from anywhere, inside an element or inside an attribute with double quotes.
    mutating func appendInterpolation(_ text: String) {
      markup += HTML.escaped(SafeText(text).description)
    }
    /// Text that is already `SafeText`.
    mutating func appendInterpolation(safe text: String) { markup += HTML.escaped(text) }
    mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { markup += part.markup }
    }
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
