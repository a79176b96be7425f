/// What was typed after a command: flags with the text of their values, and operands.
/// `ArgumentValues.swift` turns text into values.
struct ParsedArguments {
  let command: any ChartmillCommand.Type
  /// Keyed by flag name: its values in the order given; "" for a flag without a value.
  private var values: [String: [String]] = [:]
  var operands: [String] = []
  /// The names of the flags that were not given, and whose values come from variables.
  private(set) var namesFromVariables: Set<String> = []
  /// Variables that look like settings but are none.
  var unknownVariables: [String] = []

  init(_ command: any ChartmillCommand.Type) {
    self.command = command
  }

  mutating func add(_ flag: Flag, _ value: String = "") {
    values[flag.name, default: []].append(value)
  }

  mutating func add(_ flag: Flag, fromVariable values: [String]) {
    for value in values { add(flag, value) }
    namesFromVariables.insert(flag.name)
  }

  func has(_ flag: Flag) -> Bool { values[flag.name] != nil }

  /// The value as typed; if the flag was repeated, the last one.
  func text(_ flag: Flag) -> String? { values[flag.name]?.last }

  /// The values as typed, one for each time that the flag was given.
  func texts(_ flag: Flag) -> [String] { values[flag.name] ?? [] }

  /// Whether the command has the flag, given or not.
  func takes(_ flag: Flag) -> Bool { command.flag(named: flag.name) != nil }

  func usageError(_ problem: String, fix: String?) -> UsageError {
    UsageError(problem: problem, fix: fix, command: command.name)
  }
}
