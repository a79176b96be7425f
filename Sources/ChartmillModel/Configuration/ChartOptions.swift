/// The contents and the format of charts.
package struct ChartOptions: Sendable, Equatable {
  package static let topRange = 1...1000
  package static let defaultTop = 50

  /// The maximum number of songs in a chart, within `topRange`.
  package var top: Int
  package var encoding: ChartEncoding

  package init(top: Int = ChartOptions.defaultTop, encoding: ChartEncoding = ChartEncoding()) {
    self.top = top
    self.encoding = encoding
  }
}
