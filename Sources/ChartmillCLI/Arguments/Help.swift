internal import ChartmillModel
internal import ChartmillSystem

/// Help, made from what the commands declare, and from the exit codes.
enum Help {
  /// The maximum number of columns in a line.
  private static let width = 80

  static var version: String {
    "chartmill \(chartmillVersion) (gzip: \(codecName))\n"
  }

  /// - Parameter command: nil for the overview, `chartmill --help`.
  static func text(of command: (any ChartmillCommand.Type)?) -> String {
    command.map(text) ?? overview
  }

  private static var overview: String {
    var text = "chartmill: exact top charts from gzipped music logs, in bounded memory\n\n"
    text += "Usage: chartmill COMMAND [FLAGS]\n"
    text += "       chartmill COMMAND --help\n"
    text += "       chartmill --version\n"
    text += commands
    text += "\nExamples:\n"
    for example in ["synth --out logs --rows 1000000 --gzip", "run --logs logs --out charts"] {
      text += "  chartmill \(example)\n"
    }
    text += "\nExit codes:\n" + columns(ExitStatus.allCases.map { (String($0.code), $0.meaning) })
    return text
  }

  /// One list per group. A command's other forms come before the commands that they work for.
  private static var commands: String {
    let forms = Commands.all.map {
      CommandForm(group: $0.group, name: $0.name, summary: $0.summary)
    }
    let entries = Commands.all.flatMap { $0.otherForms } + forms
    let left = entries.map(\.name.count).max()
    return CommandGroup.allCases.map { group in
      let members = entries.filter { $0.group == group }.map { ($0.name, $0.summary) }
      return "\n\(group.rawValue):\n" + columns(members, left: left)
    }.joined()
  }

  private static func text(_ command: any ChartmillCommand.Type) -> String {
    var text = "chartmill \(command.name): \(command.summary)\n\n"
    for (index, usage) in command.usage.enumerated() {
      let start = (index == 0 ? "Usage: " : "       ") + "chartmill \(command.name) "
      let rest = String(usage.dropFirst(command.name.count + 1))
      text += start + wrapped(rest, indent: start.count) + "\n"
    }
    text += "\n" + wrapped(command.description, indent: 0) + "\n"
    let flags = command.allFlags
    let left = flags.map(\.synopsis.count).max()
    for section in Flag.Section.allCases {
      let members = flags.filter { $0.section == section }.map { ($0.synopsis, $0.help) }
      if members.isEmpty { continue }
      text += "\n\(section.rawValue):\n" + columns(members, left: left)
    }
    text += "\nMemory: \(command.memory)\n"
    text += "\nExamples:\n"
    for example in command.examples {
      // The line ends are escaped, so a shell reads the lines as one command.
      let lines = broken("chartmill \(example)", indent: 4)
      text += "  " + lines.joined(separator: " \\\n    ") + "\n"
    }
    text += "\nExit codes: see 'chartmill --help'.\n"
    return text
  }

  /// Two columns, the right one wrapped under itself.
  private static func columns(_ rows: [(String, String)], left: Int? = nil) -> String {
    let left = left ?? rows.map(\.0.count).max() ?? 0
    let indent = left + 4
    return rows.map { name, meaning in
      let padding = String(repeating: " ", count: indent - 2 - name.count)
      return "  \(name)\(padding)\(wrapped(meaning, indent: indent))\n"
    }.joined()
  }

  /// Breaks lines at spaces. The first line begins at `indent` already.
  private static func wrapped(_ text: String, indent: Int) -> String {
    broken(text, indent: indent).joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  private static func broken(_ text: String, indent: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if indent + line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
