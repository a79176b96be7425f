internal import ChartmillSystem

/// Text from outside, such as a row or a file name, made safe to show on a terminal.
///
/// Bytes that are not UTF-8, control characters, and characters that reorder or hide text become
/// `\xNN` or `\u{N}`. A backslash is doubled.
package struct SafeText: CustomStringConvertible, Sendable, Equatable {
  package let description: String

  package init(_ text: String) {
    self.init(utf8: text.utf8)
  }

  package init(utf8 bytes: some Collection<UInt8>) {
    var result = ""
    var rest = bytes[...]
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        result += Self.shown(Unicode.UTF8.decode(encoded))
        rest = rest.dropFirst(encoded.count)
      case .error(let length):
        for byte in rest.prefix(length) { result += "\\x" + Self.hexadecimal(UInt32(byte), 2) }
        rest = rest.dropFirst(length)
      case .emptyInput:
        description = result
        return
      }
    }
  }

  /// A title or a name, for people who do not care about its bytes.
  ///
  /// Line breaks and tabs become spaces, and a backslash stays as it is. The joiners U+200C and
  /// U+200D stay between letters and emoji, where they change only how these look.
  package init(title: String) {
    var result = ""
    var previous: Unicode.Scalar = " "
    for scalar in title.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\\": result += "\\"
      case "\u{200C}", "\u{200D}":
        result += previous.isASCII || Self.isJoiner(previous) ? Self.shown(scalar) : String(scalar)
      default: result += Self.breaksLine(scalar) ? " " : Self.shown(scalar)
      }
      previous = scalar
    }
    description = result
  }

  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{200C}" || scalar == "\u{200D}"
  }

  /// Whether a scalar is a line break or a tab.
  private static func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace && scalar.properties.generalCategory != .spaceSeparator
  }

  private static func shown(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\\" { return "\\\\" }
    if scalar.isASCII {
      let isControl = scalar.value < 32 || scalar.value == 127
      return isControl ? "\\x" + hexadecimal(scalar.value, 2) : String(scalar)
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return "\\u{" + hexadecimal(scalar.value, 1) + "}"
    default:
      return String(scalar)
    }
  }

  private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    String(value, radix: 16).padded(to: width)
  }
}
