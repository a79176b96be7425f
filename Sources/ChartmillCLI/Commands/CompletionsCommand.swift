/// `chartmill completions`: a script on standard output.
struct CompletionsCommand {
  private let shell: Completions.Shell

  init(_ flags: RawFlags) throws {
    let names = Completions.Shell.allCases.map(\.rawValue).joined(separator: ", ")
    guard flags.operands.count == 1, let shell = Completions.Shell(rawValue: flags.operands[0])
    else {
      let given = flags.operands.first.map { "\(quoted($0)) is none of them" } ?? "none was given"
      throw flags.usageError(
        "completions are for one of \(names); \(given)",
        fix: "Write, for example, chartmill completions bash.")
    }
    self.shell = shell
  }

  func perform() throws {
    try StandardOutput.write(Completions.script(for: shell))
  }
}
