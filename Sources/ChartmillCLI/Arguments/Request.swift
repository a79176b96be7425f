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
    if first == "help" || Flag.help.isSpelled(first) {
      self = try Self.help(words.dropFirst())
      return
    }
    if first == "version" || Flag.version.isSpelled(first) {
      self = try Self.version(words.dropFirst())
      return
    }
    if first.hasPrefix("-") { throw Self.unknown(inPlaceOfCommand: first) }
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

  /// The help of the command that is named, or the overview. Another `--help` changes nothing.
  private static func help(_ words: ArraySlice<String>) throws -> Request {
    let words = words.filter { !Flag.help.isSpelled($0) }
    guard let subject = words.first else { return .help(nil) }
    if subject.hasPrefix("-") { throw unexpected(subject) }
    let isWord = Self.words.contains { $0.name == subject }
    let command = isWord ? nil : try command(subject)
    if words.count > 1 { throw unexpected(words[1]) }
    return .help(command)
  }

  private static func version(_ words: ArraySlice<String>) throws -> Request {
    if words.contains(where: Flag.help.isSpelled) { return .help(nil) }
    if let word = words.first { throw unexpected(word) }
    return .version
  }

  private static func unexpected(_ word: String) -> UsageError {
    UsageError(problem: "unexpected argument \(quoted(word))", fix: "Leave it out.")
  }

  private static func unknown(inPlaceOfCommand word: String) -> UsageError {
    let name = String(word.prefix { $0 != "=" })
    if let command = Commands.names(taking: name).first {
      return UsageError(
        problem: "\(name) was given before any command",
        fix: "Put it after the command: chartmill \(command) \(name) ...")
    }
    let known = [Flag.help, .version].map(\.spelling)
    return UsageError(
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
