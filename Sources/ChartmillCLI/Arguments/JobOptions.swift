internal import ChartmillModel

/// The flags of a command that does a job, resolved. Those that the command does not take have their
/// defaults.
struct JobOptions {
  var job: JobConfiguration
  let isQuiet: Bool
  /// For standard error.
  let palette: Palette

  /// - Parameters:
  ///   - source: no files for a command that finds its input elsewhere.
  ///   - outputFolder: nil for a command that writes no charts.
  init(
    _ arguments: ParsedArguments, _ source: LogSource = .files([]), outputFolder: String? = nil
  ) throws {
    isQuiet = arguments.has(.quiet)
    palette = .standardError(try arguments.color())
    job = JobConfiguration(source: source, outputFolder: outputFolder ?? "", threads: 1)
    try arguments.setWindow(of: &job)
    try arguments.setChartForm(of: &job)
    try arguments.setRowRules(of: &job)
    try arguments.setResources(of: &job)
    try arguments.setState(of: &job)
  }
}
