/// The format of chart files, and whether they are compressed with gzip.
package struct ChartEncoding: Sendable, Equatable {
  package var format = ChartFormat.text
  package var compresses = false

  package init() {}

  /// The ending of the name of a chart file.
  package var ending: String { format.ending + (compresses ? ".gz" : "") }
}
