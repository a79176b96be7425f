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
    let names = Completions.Shell.allCases.map(\.rawValue).joined(separator: ", ")
    guard arguments.operands.count == 1,
      let shell = Completions.Shell(rawValue: arguments.operands[0])
    else {
      let given =
        arguments.operands.first.map { "\(quoted($0)) is none of them" } ?? "none was given"
      throw arguments.usageError(
        "completions are for one of \(names); \(given)",
        fix: "Write, for example, chartmill completions bash.")
    }
    self.shell = shell
  }

  func perform() throws {
    try StandardOutput.write(Completions.script(for: shell))
  }
}
