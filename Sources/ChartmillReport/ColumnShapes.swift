internal import ChartmillText

/// The columns of a drawing as two paths: columns with a value, and gaps. Each is one unit wide.
struct ColumnShapes {
  private(set) var bars = ""
  private(set) var gaps = ""

  /// - Parameters:
  ///   - values: one per column. Nil is a gap, which is shaded; 0 draws nothing.
  ///   - height: the height of the largest value.
  ///   - minHeight: the minimum height of a value that is not 0.
  ///   - margin: the free space on each side of a column.
  ///   - digits: the number of decimals of a height.
  init(_ values: [Int?], height: Int, minHeight: Double, margin: Double, digits: Int) {
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
      let top = Double(height) - max(minHeight, Double(height) * scale.share(of: value))
      bars += "M\(left) \(height)V\(decimal(top, digits))H\(right)V\(height)Z"
    }
  }
}
