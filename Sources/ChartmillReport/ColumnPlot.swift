internal import ChartmillText

/// Columns side by side, as SVG that fills any width: shapes are stretched, text keeps its size.
///
/// Few columns carry their values; many have a scale with grid lines beside them.
struct ColumnPlot {
  struct Column {
    /// Nil is a gap: not known, which is not 0.
    let value: Int?
    /// Over the column, where there is room.
    let valueLabel: String
    /// Under it, where there is room.
    let axisLabel: String
  }

  /// Pixels: the room over the highest column, the columns, and the line of axis labels.
  private static let (headroom, plot, axis) = (20, 140, 24)
  /// Of the stretched drawing of the columns: a unit a column wide, and so many high.
  private static let unitsHigh = 1000
  /// Least height of a column that is not 0: one pixel.
  private static let leastHeight = Double(unitsHigh) / Double(plot)

  /// Of the page, for titles to be referred to.
  let id: String
  let title: String
  let description: String
  let columns: [Column]
  /// Columns whose values have room over them on a phone.
  var mostValueLabels = 7
  var mostAxisLabels = 7
  /// What a gap is labelled, where there is room.
  var gapLabel = ""
  /// Axis labels stand under the left edge of their columns, which is where they begin.
  var labelsEdges = false

  /// One column as wide as the page would be a wall.
  private var width: String { columns.count <= 3 ? " few" : isLabelled ? "" : " scaled" }
  private var isLabelled: Bool { columns.count <= mostValueLabels }

  var html: HTML {
    let scale = PlotScale(largest: columns.compactMap(\.value).max() ?? 0)
    let height = Self.headroom + Self.plot + Self.axis
    return """
      <div class="plot\(width)">
      <svg role="img" aria-labelledby="\(id)-title \(id)-text" width="100%" height="\(height)">
      <title id="\(id)-title">\(title)</title>
      <desc id="\(id)-text">\(description)</desc>
      \(isLabelled ? [] : grid(scale))
      \(shapes)
      <line class="axis" x1="0" x2="100%" y1="\(y(0, scale))" y2="\(y(0, scale))"/>
      \(isLabelled ? valueLabels(scale) : [])
      \(axisLabels)
      </svg>
      </div>

      """
  }

  /// In pixels, from the top.
  private func y(_ value: Int, _ scale: PlotScale) -> Int {
    Self.headroom + Int((Double(Self.plot) * (1 - scale.share(of: value))).rounded())
  }

  private func grid(_ scale: PlotScale) -> [HTML] {
    scale.ticks.map { tick in
      let y = y(tick, scale)
      return """
        <line class="grid" x1="0" x2="100%" y1="\(y)" y2="\(y)"/>\
        <text class="tick" x="-8" y="\(y + 4)">\(tickText(tick))</text>
        """
    }
  }

  private var shapes: HTML {
    // Many columns stand without a space between them, or nothing of them would be left.
    let margin = columns.count > 90 ? 0 : columns.count > 31 ? 0.1 : labelsEdges ? 0.03 : 0.2
    let shapes = ColumnShapes(
      columns.map(\.value), height: Self.unitsHigh, least: Self.leastHeight, margin: margin,
      digits: 1)
    return """
      <svg y="\(Self.headroom)" width="100%" height="\(Self.plot)" \
      viewBox="0 0 \(max(1, columns.count)) \(Self.unitsHigh)" preserveAspectRatio="none" \
      aria-hidden="true"><path class="gap" d="\(shapes.gaps)"/><path class="bar" d="\(shapes.bars)"/></svg>
      """
  }

  private func valueLabels(_ scale: PlotScale) -> [HTML] {
    columns.enumerated().map { index, column in
      let x = percentage(Double(index) + 0.5)
      guard let value = column.value else {
        return """
          <text class="value" x="\(x)" y="\(Self.headroom + Self.plot - 8)">\(gapLabel)</text>
          """
      }
      return """
        <text class="value" x="\(x)" y="\(y(value, scale) - 6)">\(column.valueLabel)</text>
        """
    }
  }

  private var axisLabels: [HTML] {
    let step = PlotScale.labelStep(columns.count, most: mostAxisLabels)
    return columns.indices.filter { index in
      // A label at the very end would be cut.
      index % step == 0 && (step == 1 || Double(columns.count - index) > 0.4 * Double(step))
    }.map { index in
      """
      <text class="axis" x="\(percentage(Double(index) + (labelsEdges ? 0 : 0.5)))" \
      y="\(Self.headroom + Self.plot + 18)">\(columns[index].axisLabel)</text>
      """
    }
  }

  /// Of the width.
  private func percentage(_ column: Double) -> String {
    decimal(column / Double(max(1, columns.count)) * 100, 2) + "%"
  }
}
