/// `chartmill manual`: the manual page on standard output.
struct ManualCommand: ChartmillCommand {
  static let name = "manual"
  static let group = CommandGroup.shellAndSamples
  static let summary = "print the manual page, for man"
  static let usage = ["manual"]
  static let description =
    "Prints chartmill(1) for a roff reader: commands, flags, files, file formats and exit codes."
  static let memory = "at most 32 MiB."
  static let examples = ["manual > chartmill.1", "manual | man -l -"]
  static let flags: [Flag] = []

  init(_ arguments: ParsedArguments) {}

  func perform() throws {
    try StandardOutput.write(Manual.page)
  }
}
