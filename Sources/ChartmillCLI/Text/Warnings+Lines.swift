internal import ChartmillText

extension Warnings {
  /// The warning that old rollups were not dropped. The charts are published nevertheless.
  init(notPruned error: any Error) {
    self.init("rollups of older days were not deleted: \(Explanation(error).problem)")
  }

  /// The lines for standard error.
  func text(_ palette: Palette) -> String {
    lines.map { "chartmill: \(palette.painted("warning:", .warning)) \($0)\n" }.joined()
  }
}
