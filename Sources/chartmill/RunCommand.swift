internal import Chartmill

/// `chartmill run`: progress on standard error, the summary on standard output.
struct RunCommand {
  private let options: RunOptions

  init(_ flags: RawFlags) throws(Failure) {
    options = try RunOptions(flags, outputFolder: try flags.requiredPath(.out))
  }

  func perform() throws(Failure) {
    ChartJob.stopOnSignals()
    let progress = ProgressBar(isSilent: options.isQuiet)
    let manifest: Manifest
    do {
      manifest = try ChartJob(options.job).run { progress.show($0) }
    } catch {
      progress.clear()
      throw .job(error)
    }
    progress.clear()
    let summary = Summary(manifest, of: options.job)
    StandardError.write(summary.warnings)
    var text = options.isQuiet ? "" : summary.text
    if options.showsStatistics { text += summary.seconds }
    try StandardOutput.write(text)
  }
}
