internal import ChartmillModel

/// The manual page, chartmill(1): sections made from what the commands declare and from the exit codes,
/// and the texts of `ManualTexts`.
enum Manual {
  static var page: String {
    """
    .TH CHARTMILL 1 "" "chartmill \(chartmillVersion)" "User Commands"
    .SH NAME
    chartmill \\- exact top charts from gzipped music logs, in bounded memory
    .SH SYNOPSIS
    .B chartmill
    .I COMMAND
    [FLAGS]
    .br
    .B chartmill
    .I COMMAND
    .B \\-\\-help
    .br
    .B chartmill help
    .RI [ COMMAND ]
    .br
    .B chartmill \\-\\-version
    .br
    .B chartmill version
    .SH DESCRIPTION
    \(paragraphs(ManualTexts.description))
    .SH COMMANDS
    \(Commands.all.map(section).joined())\
    .SH COMMON FLAGS
    \(paragraphs(ManualTexts.flags))
    \(commonFlags)\
    .SH FILES
    \(entries(ManualTexts.files))\
    .SH FILE FORMATS
    \(ManualTexts.formats.map(section).joined())\
    .SH EXIT STATUS
    \(entries(ExitStatus.allCases.map { ("\($0.code)", $0.meaning) }))\
    .SH ENVIRONMENT
    \(entries(ManualTexts.environment))\
    .SH EXAMPLES
    \(Commands.all.map(examples).joined())\
    .SH BUGS
    \(paragraphs(ManualTexts.bugs))
    .SH SEE ALSO
    \(ManualTexts.seeAlso.map { ".BR \($0.name) (\($0.section))" }.joined(separator: " ,\n"))

    """
  }

  /// The flags that are explained once, because several commands explain them in the same words. A
  /// command that explains one of them in other words does so in its own section.
  static let sharedFlags: [Flag] = {
    let flags = Commands.all.flatMap { $0.allFlags }
    var names: Set<String> = []
    return flags.filter { names.insert($0.name).inserted }.compactMap { first in
      let forms = Dictionary(grouping: flags.filter { $0.name == first.name }, by: \.help)
      // If two forms are used by the same number of commands, the first command's form is chosen.
      let usage = forms.values.map(\.count).max() ?? 0
      return usage < 2
        ? nil : flags.first { forms[$0.help]?.count == usage && $0.name == first.name }
    }
  }()

  private static func isShared(_ flag: Flag) -> Bool {
    sharedFlags.contains { $0.name == flag.name && $0.help == flag.help }
  }

  private static func section(_ command: any ChartmillCommand.Type) -> String {
    var text = ".SS \(command.name)\n.nf\n"
    for usage in command.usage { text += "\\fBchartmill\\fR \(roff(usage))\n" }
    text += ".fi\n.PP\n\(roff(command.description))\n"
    text += command.allFlags.filter { !isShared($0) }.map(entry).joined()
    let shared = command.allFlags.filter(isShared).map { "\\fB\(roff($0.spelling))\\fR" }
    if !shared.isEmpty { text += ".PP\nCommon flags: \(shared.joined(separator: ", ")).\n" }
    return text + ".PP\nMemory: \(roff(command.memory))\n"
  }

  /// The shared flags under the headings of help.
  private static var commonFlags: String {
    Flag.Section.allCases.map { section in
      let members = sharedFlags.filter { $0.section == section }
      return members.isEmpty ? "" : ".SS \(section.rawValue)\n" + members.map(entry).joined()
    }.joined()
  }

  private static func entry(_ flag: Flag) -> String {
    let value = flag.value.map { " \\fI\(roff($0.name))\\fR" } ?? ""
    return ".TP\n\\fB\(roff(flag.spelling))\\fR\(value)\n\(roff(flag.help))\n"
  }

  private static func section(_ format: ManualTexts.Format) -> String {
    ".SS \(roff(format.title))\n\(paragraphs(format.text))\n" + entries(format.entries)
      + format.examples.map { name, lines in
        ".TP\n.B \(roff(name))\n.nf\n\(verbatim(lines)).fi\n"
      }.joined()
  }

  private static func examples(_ command: any ChartmillCommand.Type) -> String {
    let summary = command.summary.prefix(1).uppercased() + command.summary.dropFirst()
    let lines = verbatim(command.examples.map { "chartmill \($0)" })
    return ".PP\n\(roff(summary)):\n.PP\n.RS\n.nf\n\(lines).fi\n.RE\n"
  }

  private static func entries(_ entries: [(name: String, text: String)]) -> String {
    entries.map { ".TP\n.B \(roff($0.name))\n\(roff($0.text))\n" }.joined()
  }

  private static func paragraphs(_ texts: [String]) -> String {
    texts.map(roff).joined(separator: "\n.PP\n")
  }

  private static func verbatim(_ lines: [String]) -> String {
    lines.map { roff($0) + "\n" }.joined()
  }

  /// Text that roff prints unchanged: characters that it would replace are escaped, flags are not
  /// hyphenated, and a mark goes before a line that begins like a request.
  static func roff(_ text: String) -> String {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      (word.hasPrefix("--") ? "\\%" : "") + word.map(escaped).joined()
    }
    let line = words.joined(separator: " ")
    return line.hasPrefix(".") ? "\\&" + line : line
  }

  private static func escaped(_ character: Character) -> String {
    switch character {
    case "\\": "\\e"
    case "-": "\\-"
    case "'": "\\(aq"
    case "^": "\\(ha"
    case "~": "\\(ti"
    case "`": "\\(ga"
    default: String(character)
    }
  }
}
