internal import ChartmillCore

/// Help, made from the tables of commands, flags and exit codes.
enum Help {
  /// Columns.
  private static let width = 80

  static var version: String {
    "chartmill \(chartmillVersion) (gzip: \(codecName))\n"
  }

  static func text(of command: Command?) -> String {
    command.map(text) ?? overview
  }

  private static var overview: String {
    var text = "chartmill: exact top charts from gzipped music logs, in bounded memory\n\n"
    text += "Usage: chartmill COMMAND [FLAGS]\n"
    text += "       chartmill COMMAND --help\n"
    text += "       chartmill --version\n"
    text += "\nCommands:\n" + columns(Command.allCases.map { ($0.rawValue, $0.summary) })
    text += "\nExamples:\n"
    for example in ["synth --out logs --rows 1000000 --gzip", "run --logs logs --out charts"] {
      text += "  chartmill \(example)\n"
    }
    text += "\nExit codes:\n" + columns(ExitStatus.allCases.map { (String($0.code), $0.meaning) })
    return text
  }

  private static func text(_ command: Command) -> String {
    var text = "chartmill \(command.rawValue): \(command.summary)\n\n"
    for (index, usage) in command.usage.enumerated() {
      text += (index == 0 ? "Usage: " : "       ") + "chartmill \(usage)\n"
    }
    text += "\n" + wrapped(command.about, indent: 0) + "\n"
    let flags = Flag.uses(in: command)
    let left = flags.map { $0.flag.synopsis($0.use).count }.max() ?? 0
    for group in FlagGroup.allCases {
      let members = flags.filter { $0.use.group == group }
      if members.isEmpty { continue }
      text += "\n\(group.rawValue):\n"
      text += columns(members.map { ($0.flag.synopsis($0.use), $0.use.help) }, left: left)
    }
    text += "\nMemory: \(command.memory)\n"
    text += "\nExamples:\n"
    for example in command.examples { text += "  chartmill \(example)\n" }
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

  /// Breaks at spaces; the first line is taken to begin at `indent` already.
  private static func wrapped(_ text: String, indent: Int) -> String {
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
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
