internal import ChartmillText

/// Columns side by side, as SVG that fills any width. Shapes are stretched, but text keeps its
/// size.
///
/// A few columns show their values. Many columns have a scale with grid lines beside them.
struct ColumnPlot {
  struct Column {
    /// Nil is a gap: the value is unknown.
    let value: Int?
    /// The text above the column, if it fits.
    let valueLabel: String
    /// The text below the column, if it fits.
    let axisLabel: String
  }

  /// Heights in pixels: the space above the highest column, the columns, and the axis labels.
  private static let (headroom, plot, axis) = (20, 140, 24)
  /// The height of the drawing of the columns before it is stretched. A column is one unit wide.
  private static let unitsHigh = 1000
  /// The minimum height of a column that is not 0: one pixel.
  private static let minHeight = Double(unitsHigh) / Double(plot)

  /// The id is unique in the page. The drawing refers to its title by this id.
  let id: String
  let title: String
  let description: String
  let columns: [Column]
  /// How many columns can show their values on a phone.
  var maxValueLabels = 7
  var maxAxisLabels = 7
  /// The label of a gap, if it fits.
  var gapLabel = ""
  /// Whether axis labels are under the left edges of the columns. Use it if each column stands for
  /// a range.
  var labelsEdges = false

  /// A class in the style sheet. It keeps a single column from filling the page.
  private var width: String { columns.count <= 3 ? " few" : isLabelled ? "" : " scaled" }
  private var isLabelled: Bool { columns.count <= maxValueLabels }

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

  /// The position of a value, in pixels from the top.
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
    // Many columns have no space between them, because the space would be wider than a column.
    let margin = columns.count > 90 ? 0 : columns.count > 31 ? 0.1 : labelsEdges ? 0.03 : 0.2
    let shapes = ColumnShapes(
      columns.map(\.value), height: Self.unitsHigh, minHeight: Self.minHeight, margin: margin,
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
    let step = PlotScale.labelStep(columns.count, max: maxAxisLabels)
    return columns.indices.filter { index in
      // A label at the end would be cut off.
      index % step == 0 && (step == 1 || Double(columns.count - index) > 0.4 * Double(step))
    }.map { index in
      """
      <text class="axis" x="\(percentage(Double(index) + (labelsEdges ? 0 : 0.5)))" \
      y="\(Self.headroom + Self.plot + 18)">\(columns[index].axisLabel)</text>
      """
    }
  }

  /// The left edge of a column, as a share of the width.
  private func percentage(_ column: Double) -> String {
    decimal(column / Double(max(1, columns.count)) * 100, 2) + "%"
  }
}
