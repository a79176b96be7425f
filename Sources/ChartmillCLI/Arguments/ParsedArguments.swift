/// What was typed after a command: flags with their text, and operands. Nothing is resolved yet.
struct RawFlags {
  let command: Command
  var values: [Flag: [String]] = [:]
  var operands: [String] = []

  init(_ command: Command) {
    self.command = command
  }

  func has(_ flag: Flag) -> Bool { values[flag] != nil }

  /// The text of a flag; the last one, when it was given again.
  func text(_ flag: Flag) -> String? { values[flag]?.last }

  func usageError(_ problem: String, fix: String) -> UsageError {
    UsageError(problem: problem, fix: fix, command: command)
  }
}

/// What is asked for.
enum Request {
  /// Of one command, or of all.
  case help(Command?)
  case version
  case command(Command, RawFlags)

  init(_ arguments: ArgumentVector) throws {
    let words = try arguments.words()
    guard let first = words.first else {
      throw UsageError(problem: "no command", fix: "Commands: \(Self.commandList).")
    }
    if first.hasPrefix("-") {
      self = try Self.instead(of: first)
      return
    }
    guard let command = Command(rawValue: first) else {
      throw Self.unknown(command: first)
    }
    guard let flags = try ArgumentScanner(arguments, command).scan() else {
      self = .help(command)
      return
    }
    self = .command(command, flags)
  }

  /// A flag where the command should be.
  private static func instead(of word: String) throws -> Request {
    let name = String(word.prefix { $0 != "=" })
    if word == "-h" || word == Flag.help.spelling { return .help(nil) }
    if word == Flag.version.spelling { return .version }
    if let flag = Flag.allCases.first(where: { $0.spelling == name }) {
      let takers = Command.allCases.filter { flag.use(in: $0) != nil }
      throw UsageError(
        problem: "\(name) comes before any command",
        fix: "Write it after the command: chartmill "
          + (takers.first?.rawValue ?? "COMMAND") + " \(name) ...")
    }
    let near = Suggestion.nearest(to: name, among: Flag.flags(of: nil).map(\.spelling))
    throw UsageError(
      problem: "unknown flag \(quoted(name))" + (near.map { "; did you mean '\($0)'?" } ?? ""),
      fix: "A command comes first: \(commandList).")
  }

  private static func unknown(command word: String) -> UsageError {
    let near = Suggestion.nearest(to: word, among: Command.allCases.map(\.rawValue))
    return UsageError(
      problem: "unknown command \(quoted(word))" + (near.map { "; did you mean '\($0)'?" } ?? ""),
      fix: "Commands: \(commandList).")
  }

  private static var commandList: String {
    Command.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
