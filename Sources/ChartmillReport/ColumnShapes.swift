internal import ChartmillText

/// Columns of a drawing, a unit wide each, as paths: those with a value, and the places of gaps.
struct ColumnShapes {
  private(set) var bars = ""
  private(set) var gaps = ""

  /// - Parameters:
  ///   - values: nil is a gap: shade, and not a column; it fills its place. 0 is nothing.
  ///   - height: of the largest value.
  ///   - least: height of any other value.
  ///   - margin: that is left free on each side of a column.
  ///   - digits: of heights, behind the point.
  init(_ values: [Int?], height: Int, least: Double, margin: Double, digits: Int) {
    let scale = PlotScale(largest: values.compactMap(\.self).max() ?? 0)
    for (index, value) in values.enumerated() {
      guard let value else {
        gaps += "M\(index) \(height)V0H\(index + 1)V\(height)Z"
        continue
      }
      if value == 0 { continue }
      let (left, right) = (
        decimal(Double(index) + margin, 2), decimal(Double(index + 1) - margin, 2)
      )
      let top = Double(height) - max(least, Double(height) * scale.share(of: value))
      bars += "M\(left) \(height)V\(decimal(top, digits))H\(right)V\(height)Z"
    }
  }
}
