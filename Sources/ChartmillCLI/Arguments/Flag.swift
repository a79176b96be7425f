/// A flag of one or more commands: what parsing, help, completions and the manual page know about
/// it.
///
/// A flag that several commands take is declared in `Flags/`, and any other flag in its command's
/// file. The table is our own: swift-argument-parser would be a dependency to fetch, and a build
/// from source needs no network.
struct Flag: Sendable {
  /// The headings of help, in order.
  enum Section: String, CaseIterable {
    case input = "Input"
    case output = "Output"
    case badRows = "Bad rows"
    case resources = "Resources"
    case state = "State"
    case logs = "Logs"
    case other = "Other"
  }

  /// Without the dashes.
  let name: String
  /// The letter of the short form.
  let short: Character?
  /// Nil if the flag takes no value.
  let value: ArgumentKind?
  private(set) var isRepeatable: Bool
  private(set) var section: Section
  private(set) var help: String

  init(
    _ name: String, short: Character? = nil, _ value: ArgumentKind? = nil,
    isRepeatable: Bool = false, in section: Section, _ help: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.isRepeatable = isRepeatable
    self.section = section
    self.help = help
  }

  /// The flag as it is typed.
  var spelling: String { "--" + name }

  /// The environment variable that sets the flag for commands that read settings.
  var variable: String {
    Settings.prefix + name.uppercased().replacing("-", with: "_")
  }

  /// Whether a word is the flag, in its long or its short form.
  func isSpelled(_ word: String) -> Bool {
    word == spelling || short.map { word == "-\($0)" } ?? false
  }

  /// The spelling and the name of the value.
  var synopsis: String { value.map { "\(spelling) \($0.name)" } ?? spelling }

  /// The same flag, with another command's explanation.
  func explained(
    in section: Section? = nil, isRepeatable: Bool? = nil, _ help: String
  ) -> Flag {
    var flag = self
    flag.isRepeatable = isRepeatable ?? self.isRepeatable
    flag.section = section ?? self.section
    flag.help = help
    return flag
  }
}

extension [Flag] {
  /// The same flags in the same order. Each replacement takes the place of the flag with its name.
  func replacing(_ replacements: Flag...) -> [Flag] {
    map { flag in replacements.first { $0.name == flag.name } ?? flag }
  }
}

/// Lists of flags that several commands share.
enum FlagGroup {}

/// The kind of a flag's value or of an operand: how help names it, and what a shell completes.
enum ArgumentKind: Sendable {
  case folder
  case file
  case date
  case size
  /// A whole number; usage errors show the example.
  case number(_ name: String = "N", example: Int? = nil)
  /// One of a few words.
  case word(_ name: String, of: [String])
  case text(_ name: String)

  var name: String {
    switch self {
    case .folder: "DIR"
    case .file: "FILE"
    case .date: "YYYYMMDD"
    case .size: "SIZE"
    case .number(let name, _), .word(let name, _), .text(let name): name
    }
  }
}
