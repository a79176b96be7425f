internal import ChartmillCore

/// `chartmill digest --frames`: frames on standard output, nothing else.
struct DigestFramesCommand {
  private let options: RunOptions
  private let source: LogDigestJob.Source

  init(_ flags: RawFlags) throws {
    for flag in [Flag.state, .logs, .days, .requireAllDays, .wait] where flags.has(flag) {
      throw flags.usageError(
        "\(flag.spelling) says nothing of one log, which --frames digests",
        fix: "Leave one of the two out.")
    }
    guard flags.operands.count == 1, let operand = flags.operands.first else {
      throw flags.usageError(
        "--frames digests one log, but \(flags.operands.count) were given",
        fix: "Name one file, or '-' for standard input.")
    }
    if operand == "-" {
      guard let name = try flags.path(.name) else {
        throw Self.unnamedInput(flags)
      }
      source = .standardInput(name: name)
    } else {
      source = .file(operand)
    }
    options = try RunOptions(flags, outputFolder: nil, readsLogs: false)
  }

  static func unnamedInput(_ flags: RawFlags) -> UsageError {
    flags.usageError(
      "a log on standard input has no name",
      fix: "Write what it is called, for example --name listen-20260705.log.gz.")
  }

  func perform() throws {
    try LogDigestJob(options.job, source).run()
  }
}
