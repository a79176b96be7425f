/// `chartmill completions`: a script on standard output.
struct CompletionsCommand: ChartmillCommand {
  static let name = "completions"
  static let group = CommandGroup.shellAndSamples
  static let summary = "print completions for bash, zsh or fish"
  static let usage = ["completions SHELL"]
  static let description =
    "Prints a script that completes commands, flags and files in SHELL: bash, zsh or fish."
  static let operand: ArgumentKind? = .word(
    "SHELL", of: Completions.Shell.allCases.map(\.rawValue))
  static let memory = "at most 32 MiB."
  static let examples = ["completions bash > /etc/bash_completion.d/chartmill"]
  static let flags: [Flag] = []

  private let shell: Completions.Shell

  init(_ arguments: ParsedArguments) throws {
    let names = Completions.Shell.allCases.map(\.rawValue)
    let usage = "For example: chartmill completions bash."
    guard let word = arguments.operands.first else {
      throw arguments.usageError(
        "'completions' needs the name of a shell: \(names.joined(separator: ", "))", fix: usage)
    }
    guard let shell = Completions.Shell(rawValue: word) else {
      throw arguments.usageError(
        "no completions for \(quoted(word))",
        fix: "Shells: \(names.joined(separator: ", ")).")
    }
    if arguments.operands.count > 1 {
      throw arguments.usageError(
        "'completions' takes one shell, but was also given \(quoted(arguments.operands[1]))",
        fix: usage)
    }
    self.shell = shell
  }

  func perform() throws {
    try StandardOutput.write(Completions.script(for: shell))
  }
}
