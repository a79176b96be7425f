internal import Glibc

/// The value of `--color`: when text for people is colored.
enum ColorChoice: String, CaseIterable {
  /// On a terminal that is not `dumb`, unless NO_COLOR is set and not empty (no-color.org).
  case auto
  case always
  case never
}

/// The colors of one output stream, or none. Colors only repeat what the words say.
struct Palette {
  enum Role {
    case error
    case warning
    case heading
    case up
    case down

    /// SGR parameters (ECMA-48, 8.3.117): bold and the eight standard colors, so the terminal's
    /// theme decides the shades.
    fileprivate var rendition: String {
      switch self {
      case .error: "1;31"
      case .warning: "1;33"
      case .heading: "1"
      case .up: "32"
      case .down: "35"
      }
    }
  }

  let isOn: Bool

  static func standardOutput(_ choice: ColorChoice) -> Palette {
    Palette(choice, isTerminal: isatty(STDOUT_FILENO) == 1)
  }

  static func standardError(_ choice: ColorChoice) -> Palette {
    Palette(choice, isTerminal: StandardError.isTerminal)
  }

  private init(_ choice: ColorChoice, isTerminal: Bool) {
    func variable(_ name: String) -> String {
      unsafe getenv(name).map { unsafe String(cString: $0) } ?? ""
    }
    isOn =
      switch choice {
      case .always: true
      case .never: false
      case .auto:
        isTerminal && variable("NO_COLOR").isEmpty && !["", "dumb"].contains(variable("TERM"))
      }
  }

  /// The text in the color of a role; unchanged if colors are off.
  func painted(_ text: String, _ role: Role?) -> String {
    guard isOn, let role else { return text }
    return "\u{1B}[\(role.rendition)m\(text)\u{1B}[0m"
  }

  /// Colors the `chartmill:` that begins an error message.
  func error(_ text: String) -> String {
    let name = "chartmill:"
    guard text.hasPrefix(name) else { return text }
    return painted(name, .error) + text.dropFirst(name.count)
  }
}
