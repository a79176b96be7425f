internal import ChartmillCore

/// `chartmill digest`.
struct DigestCommand {
  private let options: RunOptions
  /// Every file that was named is digested, and days between them are not missed.
  private let namesFiles: Bool

  init(_ flags: RawFlags) throws {
    let readsInput = flags.operands.contains("-")
    if flags.has(.name), !readsInput {
      throw flags.usageError("--name is of a log on standard input", fix: "Write '-' with it.")
    }
    if readsInput, flags.operands.count > 1 {
      throw flags.usageError(
        "'-' is standard input, and other files were given with it",
        fix: "Digest them one after another.")
    }
    if readsInput, !flags.has(.name) { throw DigestFramesCommand.unnamedInput(flags) }
    let state = try flags.requiredPath(.state)
    var options = try RunOptions(flags, outputFolder: nil)
    if try flags.integer(.days, in: JobConfiguration.daysRange) == nil {
      // Files that were named are all meant; of a folder, the newest day.
      namesFiles = !flags.operands.isEmpty
      options.job.days = namesFiles ? JobConfiguration.daysRange.upperBound : 1
    } else {
      namesFiles = false
    }
    options.job.stateFolder = state
    self.options = options
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let progress = ProgressBar(isSilent: options.isQuiet)
    let result: DigestJob.Result
    do {
      result = try DigestJob(options.job).run { progress.show($0) }
    } catch {
      progress.clear()
      throw error
    }
    progress.clear()
    var warnings = Warnings(overlooked: result.overlooked)
    warnings.add(result.notices)
    warnings.addDays(missing: namesFiles ? result.withoutRows : result.missing) {
      result.withoutRows.contains($0)
    }
    StandardError.write(warnings.text(options.palette))
    if options.isQuiet { return }
    try StandardOutput.write(
      "digested \(counted(result.digested.count, "day")), kept \(result.kept.count): "
        + "\(grouped(result.accepted)) rows, \(grouped(result.rejected)) bad\n")
  }
}
