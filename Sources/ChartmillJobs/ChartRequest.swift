package import ChartmillModel

/// Which charts to make, and from which logs. All dates of a backfill share one request.
package struct ChartRequest: Sendable {
  package var source: LogSource
  package var window: WindowRules
  package var charts: ChartOptions
  /// The share of a day's rows that may be bad. If a day has more, the job fails.
  package var maxBadRows: Share
  /// The gzip file that rejected rows are written to; nil keeps only samples of them.
  package var rejectsFile: String?
  package var rows: RowRules
  package var output: OutputOptions
  package var resources: Resources
  /// Whether to wait for a folder that another process has locked, instead of failing.
  package var waits: Bool
  /// The values of the flags, for the manifest.
  package var settings: [String: Manifest.Setting]

  package init(
    source: LogSource, window: WindowRules, charts: ChartOptions, maxBadRows: Share,
    rejectsFile: String?, rows: RowRules, output: OutputOptions, resources: Resources,
    waits: Bool, settings: [String: Manifest.Setting] = [:]
  ) {
    self.settings = settings
    self.source = source
    self.window = window
    self.charts = charts
    self.maxBadRows = maxBadRows
    self.rejectsFile = rejectsFile
    self.rows = rows
    self.output = output
    self.resources = resources
    self.waits = waits
  }

  /// The folder of the spill files.
  var spillFolder: String { resources.spills.folder ?? output.folder }
}
