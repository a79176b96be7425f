internal import ChartmillCore
internal import Glibc

/// `chartmill run`: progress on standard error, the summary on standard output.
struct RunCommand {
  private let options: RunOptions
  private let metricsPath: String?

  init(_ flags: RawFlags) throws {
    options = try RunOptions(flags, outputFolder: try flags.requiredPath(.out))
    metricsPath = try flags.path(.metrics)
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let progress = ProgressBar(isSilent: options.isQuiet)
    let manifest: Manifest
    var pruned: PruneOutcome?
    var metrics: MetricsFile?
    do {
      if let metricsPath { metrics = try MetricsFile(metricsPath) }
      manifest = try ChartJob(options.job).run(
        onProgress: { progress.show($0) }, onPrune: { pruned = $0 })
    } catch {
      progress.clear()
      do {
        try metrics?.write(MetricsText(nil, finish: time(nil)).text)
      } catch {
        // What ended the run is the error to end with.
        let warning = Warnings("metrics: \(Explanation(error).problem)")
        StandardError.write(warning.text(options.palette))
      }
      throw error
    }
    progress.clear()
    let summary = Summary(manifest, of: options.job, pruned)
    StandardError.write(Warnings(manifest).text(options.palette))
    if case .failed(let error) = pruned {
      StandardError.write(Warnings(notPruned: error).text(options.palette))
    }
    do {
      try metrics?.write(MetricsText(manifest, finish: time(nil)).text)
    } catch {
      throw MetricsError(cause: error)
    }
    var text = options.isQuiet ? "" : summary.text
    if options.showsStatistics { text += summary.seconds }
    try StandardOutput.write(text)
  }
}
