/// Small drawings in a cell of a table.
enum Bar {
  /// A bar of so much of the cell's width, 0 … 1. A number beside it says the same.
  static func across(_ share: Double) -> HTML {
    let width = decimal(min(1, max(0, share)) * 100, 2)
    return """
      <svg class="bar" width="100%" height="12" aria-hidden="true">\
      <rect class="track" width="100%" height="12"/>\
      <rect class="bar" width="\(width)%" height="12"/></svg>
      """
  }

  /// A column a day, to a scale of its own; nil is a gap.
  static func byDay(_ name: String, _ values: [Int?]) -> HTML {
    let largest = values.compactMap(\.self).max() ?? 0
    let scale = PlotScale(largest: largest)
    let margin = values.count > 31 ? 0 : 0.1
    var bars = ""
    var gaps = ""
    for (index, value) in values.enumerated() {
      let sides = (decimal(Double(index) + margin, 2), decimal(Double(index + 1) - margin, 2))
      guard let value else {
        gaps += "M\(index) 24V0H\(index + 1)V24Z"
        continue
      }
      if value == 0 { continue }
      let height = max(1, 24 * scale.share(of: value))
      bars += "M\(sides.0) 24V\(decimal(24 - height, 2))H\(sides.1)V24Z"
    }
    return """
      <svg class="days" role="img" aria-label="\(name), by day: \(grouped(largest)) at most" \
      width="100%" height="24" viewBox="0 0 \(max(1, values.count)) 24" \
      preserveAspectRatio="none">\
      <path class="gap" d="\(gaps)"/><path class="warm" d="\(bars)"/></svg>
      """
  }
}
