/// What the arguments ask for.
enum Request {
  /// Help of one command, or of all.
  case help((any ChartmillCommand.Type)?)
  case version
  case command(ParsedArguments)

  init(_ arguments: ArgumentVector) throws {
    guard let first = try arguments.words().first else {
      throw UsageError(problem: "no command", fix: "Commands: \(Self.commandList).")
    }
    if first.hasPrefix("-") {
      self = try Self.flag(inPlaceOfCommand: first)
      return
    }
    guard let command = Commands.named(first) else {
      throw UsageError(
        problem: "unknown command \(Suggestion.text(for: first, among: Commands.names))",
        fix: "Commands: \(Self.commandList).")
    }
    let parsed = try ArgumentScanner(arguments, command).scan()
    self = parsed.map { .command($0) } ?? .help(command)
  }

  private static func flag(inPlaceOfCommand word: String) throws -> Request {
    if word == "-h" || word == Flag.help.spelling { return .help(nil) }
    if word == Flag.version.spelling { return .version }
    let name = String(word.prefix { $0 != "=" })
    if let command = Commands.names(taking: name).first {
      throw UsageError(
        problem: "\(name) comes before any command",
        fix: "Write it after the command: chartmill \(command) \(name) ...")
    }
    let known = [Flag.help, .version].map(\.spelling)
    throw UsageError(
      problem: "unknown flag \(Suggestion.text(for: name, among: known))",
      fix: "A command comes first: \(commandList).")
  }

  private static var commandList: String { Commands.names.joined(separator: ", ") }
}
