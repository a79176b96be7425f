package import ChartmillModel

/// What charts to make, and from what: all that the dates of a range have in common.
package struct ChartRequest: Sendable {
  package var source: LogSource
  package var window: WindowRules
  package var charts: ChartOptions
  /// The share of a day's rows that may be bad; with more, the job fails.
  package var maxBadRows: Share
  /// Where rejected rows are kept, as gzip; nil keeps some samples only.
  package var rejectsFile: String?
  package var rows: RowRules
  package var output: OutputOptions
  package var resources: Resources
  /// Waits for a folder that another run has, instead of failing.
  package var waits: Bool

  package init(
    source: LogSource, window: WindowRules, charts: ChartOptions, maxBadRows: Share,
    rejectsFile: String?, rows: RowRules, output: OutputOptions, resources: Resources,
    waits: Bool
  ) {
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

  /// Where spill files go.
  var spillFolder: String { resources.spills.folder ?? output.folder }
}
