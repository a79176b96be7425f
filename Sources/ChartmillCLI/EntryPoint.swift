internal import ChartmillCore

/// From arguments to an exit code: the one place where errors become text and a code.
enum Front {
  static func run(_ arguments: ArgumentVector) -> Int32 {
    // Of a mistake in the arguments nobody can say what they ask for.
    var color = ColorChoice.auto
    var given: RawFlags?
    do {
      let request = try Request(arguments)
      if case .command(_, let flags) = request {
        given = flags
        color = try flags.color()
        if !flags.has(.quiet) { SystemNotice.onWaiting(showWaiting) }
      }
      try perform(request)
      showNotices(color)
      return ExitStatus.done.code
    } catch {
      showNotices(color)
      let text = Explanation(error, ErrorContext(given)).lines
      StandardError.write(Palette.standardError(color).error(text))
      return ExitStatus(of: error).code
    }
  }

  private static func showNotices(_ color: ColorChoice) {
    StandardError.write(Warnings(SystemNotice.take()).text(.standardError(color)))
  }

  @Sendable private static func showWaiting(_ waiting: SystemNotice.Waiting) {
    let holder = waiting.holder.isEmpty ? "another run" : "process \(SafeText(waiting.holder))"
    let time = waiting.seconds < 1 ? "" : ", for \(clock(seconds: waiting.seconds)) so far"
    StandardError.write(
      "chartmill: waiting for \(holder), which has \(quoted(waiting.path))\(time)\n")
  }

  private static func perform(_ request: Request) throws {
    switch request {
    case .help(let command): try StandardOutput.write(Help.text(of: command))
    case .version: try StandardOutput.write(Help.version)
    case .command(.run, let flags): try RunCommand(flags).perform()
    case .command(.plan, let flags): try PlanCommand(flags).perform()
    case .command(.digest, let flags) where flags.has(.frames):
      try DigestFramesCommand(flags).perform()
    case .command(.digest, let flags): try DigestCommand(flags).perform()
    case .command(.backfill, let flags): try BackfillCommand(flags).perform()
    case .command(.state, let flags): try StateCommand(flags).perform()
    case .command(.synth, let flags): try SynthCommand(flags).perform()
    case .command(.show, let flags): try ShowCommand(flags).perform()
    case .command(.compare, let flags): try CompareCommand(flags).perform()
    case .command(.verify, let flags): try VerifyCommand(flags).perform()
    case .command(.completions, let flags): try CompletionsCommand(flags).perform()
    case .command(.manual, _): try StandardOutput.write(Manual.page)
    case .command(.check, let flags): try CheckCommand(flags).perform()
    case .command(.report, let flags): try ReportCommand(flags).perform()
    case .command(.chart, let flags): try PartitionCommand(flags).perform()
    case .command(.assemble, let flags): try AssembleCommand(flags).perform()
    }
  }
}
