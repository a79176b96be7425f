internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// The way from arguments to an exit code, and the one place where errors become text and a code.
enum EntryPoint {
  static func run(_ arguments: ArgumentVector) -> Int32 {
    // These values apply until the arguments are parsed.
    var color = ColorChoice.auto
    var given: ParsedArguments?
    do {
      let request = try Request(arguments)
      if case .command(let arguments) = request {
        given = arguments
        color = try arguments.color()
        StandardError.write(
          Warnings(unknownVariables: arguments.unknownVariables).text(.standardError(color)))
        if !arguments.has(.quiet) { SystemNotice.onWaiting(showWaiting) }
      }
      try perform(request)
      showNotices(color)
      return ExitStatus.done.code
    } catch {
      showNotices(color)
      let text = Explanation(error, ErrorContext(given)).naming(given).lines
      StandardError.write(Palette.standardError(color).error(text))
      return ExitStatus(of: error).code
    }
  }

  private static func showNotices(_ color: ColorChoice) {
    StandardError.write(Warnings(SystemNotice.take()).text(.standardError(color)))
  }

  @Sendable private static func showWaiting(_ waiting: SystemNotice.Waiting) {
    let holder = waiting.holder.isEmpty ? "another process" : "process \(SafeText(waiting.holder))"
    let time = waiting.seconds < 1 ? "" : " (\(clock(seconds: waiting.seconds)) so far)"
    StandardError.write(
      "chartmill: waiting for \(holder), which is using \(quoted(waiting.path))\(time)\n")
  }

  private static func perform(_ request: Request) throws {
    switch request {
    case .help(let command): try StandardOutput.write(Help.text(of: command))
    case .version: try StandardOutput.write(Help.version)
    case .command(let arguments): try arguments.command.init(arguments).perform()
    }
  }
}
