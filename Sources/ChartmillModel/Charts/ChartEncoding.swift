/// A file's format, and whether it is gzip.
package struct ChartEncoding: Sendable, Equatable {
  package var format = ChartFormat.text
  package var compresses = false

  package init() {}

  package var ending: String { format.ending + (compresses ? ".gz" : "") }
}
