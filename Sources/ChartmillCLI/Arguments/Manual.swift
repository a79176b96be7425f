internal import ChartmillModel

/// The manual page, chartmill(1), made from what the commands declare, and from the exit
/// codes.
enum Manual {
  static var page: String {
    var text = """
      .TH CHARTMILL 1 "" "chartmill \(chartmillVersion)"
      .SH NAME
      chartmill \\- exact top charts from gzipped music logs, in bounded memory
      .SH SYNOPSIS

      """
    for command in Commands.all {
      for usage in command.usage { text += ".B chartmill\n\(roff(usage))\n.br\n" }
    }
    text += ".SH COMMANDS\n"
    for command in Commands.all { text += section(command) }
    text += ".SH EXIT STATUS\n"
    for status in ExitStatus.allCases {
      text += ".TP\n.B \(status.code)\n\(roff(status.meaning))\n"
    }
    return text
  }

  private static func section(_ command: any ChartmillCommand.Type) -> String {
    var text = ".SS \(command.name)\n\(roff(command.description))\n"
    for flag in command.allFlags {
      let value = flag.value.map { " \\fI\(roff($0.name))\\fR" } ?? ""
      text += ".TP\n\\fB\(roff(flag.spelling))\\fR\(value)\n\(roff(flag.help))\n"
    }
    text += ".PP\nMemory: \(roff(command.memory))\n.PP\nFor example:\n.PP\n.nf\n"
    for example in command.examples { text += ".RS\nchartmill \(roff(example))\n.RE\n" }
    return text + ".fi\n"
  }

  /// Text that roff prints unchanged: backslashes and hyphens escaped, and a mark before a line that
  /// begins like a request.
  private static func roff(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
