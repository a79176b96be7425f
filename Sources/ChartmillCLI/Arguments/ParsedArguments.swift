/// What was typed after a command: flags with the text of their values, and operands.
/// `ArgumentValues.swift` turns text into values.
struct ParsedArguments {
  let command: any ChartmillCommand.Type
  /// The values by the name of the flag, in the order they were given; empty text for a flag that
  /// takes none.
  private var values: [String: [String]] = [:]
  var operands: [String] = []

  init(_ command: any ChartmillCommand.Type) {
    self.command = command
  }

  mutating func add(_ flag: Flag, _ value: String = "") {
    values[flag.name, default: []].append(value)
  }

  func has(_ flag: Flag) -> Bool { values[flag.name] != nil }

  /// The text of a flag; the last one of a flag that may be repeated.
  func text(_ flag: Flag) -> String? { values[flag.name]?.last }

  /// The text of a flag each time it was given.
  func texts(_ flag: Flag) -> [String] { values[flag.name] ?? [] }

  /// Whether the command has the flag, given or not.
  func takes(_ flag: Flag) -> Bool { command.flag(named: flag.name) != nil }

  func usageError(_ problem: String, fix: String?) -> UsageError {
    UsageError(problem: problem, fix: fix, command: command.name)
  }
}
