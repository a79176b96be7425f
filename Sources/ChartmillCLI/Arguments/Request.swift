/// What the arguments ask for.
enum Request {
  /// The help of one command; nil for the overview, `chartmill --help`.
  case help((any ChartmillCommand.Type)?)
  case version
  case command(ParsedArguments)

  /// The words in place of a command, as completions explain them.
  static let words = [
    (name: "help", summary: "show the help of all commands, or of one"),
    (name: "version", summary: "show the version"),
  ]

  init(_ arguments: ArgumentVector) throws {
    let words = try arguments.words()
    guard let first = words.first else {
      throw UsageError(problem: "no command was given", fix: Self.commandList)
    }
    if first.hasPrefix("-") {
      self = try Self.flag(inPlaceOfCommand: first)
      return
    }
    switch first {
    case "help":
      let subject = words.dropFirst().first { !$0.hasPrefix("-") }
      let isWord = Self.words.contains { $0.name == subject }
      self = .help(isWord ? nil : try subject.map(Self.command))
      return
    case "version":
      self = .version
      return
    default: break
    }
    let command = try Self.command(first)
    guard var parsed = try ArgumentScanner(arguments, command).scan() else {
      self = .help(command)
      return
    }
    try parsed.takeSettings(from: EnvironmentVariables.all(beginningWith: Settings.prefix))
    self = .command(parsed)
  }

  private static func command(_ name: String) throws -> any ChartmillCommand.Type {
    if let command = Commands.named(name) { return command }
    let near = Suggestion.nearest(to: name, among: Commands.names + words.map(\.name))
    throw UsageError(
      problem: "unknown command \(quoted(name))" + (near.map { "; did you mean '\($0)'?" } ?? ""),
      fix: near == nil ? commandList : nil)
  }

  private static func flag(inPlaceOfCommand word: String) throws -> Request {
    if Flag.help.isSpelled(word) { return .help(nil) }
    if Flag.version.isSpelled(word) { return .version }
    let name = String(word.prefix { $0 != "=" })
    if let command = Commands.names(taking: name).first {
      throw UsageError(
        problem: "\(name) was given before any command",
        fix: "Put it after the command: chartmill \(command) \(name) ...")
    }
    let known = [Flag.help, .version].map(\.spelling)
    throw UsageError(
      problem: "unknown flag \(Suggestion.text(for: name, among: known))",
      fix: "Begin with a command.\n  \(commandList)")
  }

  /// All commands, one line per group.
  private static var commandList: String {
    CommandGroup.allCases.map { group in
      let names = Commands.all.filter { $0.group == group }.map { $0.name }
      return "\(group.rawValue): \(names.joined(separator: ", "))"
    }.joined(separator: "\n  ")
  }
}
