internal import ChartmillText

/// Small drawings in a cell of a table.
enum Bar {
  /// A bar that fills a share of the cell's width, 0 … 1. A number beside it shows the same value.
  static func across(_ share: Double) -> HTML {
    let width = decimal(min(1, max(0, share)) * 100, 2)
    return """
      <svg class="bar" width="100%" height="12" aria-hidden="true">\
      <rect class="track" width="100%" height="12"/>\
      <rect class="bar" width="\(width)%" height="12"/></svg>
      """
  }

  /// One column per day, with its own scale. Nil is a gap.
  static func byDay(_ name: String, _ values: [Int?]) -> HTML {
    let largest = values.compactMap(\.self).max() ?? 0
    let shapes = ColumnShapes(
      values, height: 24, minHeight: 1, margin: values.count > 31 ? 0 : 0.1, digits: 2)
    return """
      <svg class="days" role="img" aria-label="\(name) by day; the maximum is \(grouped(largest))" \
      width="100%" height="24" viewBox="0 0 \(max(1, values.count)) 24" \
      preserveAspectRatio="none">\
      <path class="gap" d="\(shapes.gaps)"/><path class="warm" d="\(shapes.bars)"/></svg>
      """
  }
}
