/// A table for people. Columns of numbers are aligned to the right, so that they are easy to
/// compare.
enum TextTable {
  struct Cell: ExpressibleByStringInterpolation {
    let text: String
    let role: Palette.Role?

    init(_ text: String, _ role: Palette.Role? = nil) {
      self.text = text
      self.role = role
    }

    init(stringLiteral text: String) {
      self.init(text)
    }
  }

  /// - Parameter leftAligned: the columns that hold text.
  /// - Precondition: every row has one cell per heading.
  static func text(
    _ headings: [String], _ rows: [[Cell]], _ palette: Palette, leftAligned: Set<Int> = []
  ) -> String {
    let lines = [headings.map { Cell($0, .heading) }] + rows
    let widths = headings.indices.map { column in lines.map { $0[column].text.count }.max() ?? 0 }
    return lines.map { cells in
      zip(cells, widths).enumerated().map { column, entry in
        let (cell, width) = entry
        let padding = String(repeating: " ", count: width - cell.text.count)
        let text = palette.painted(cell.text, cell.role)
        if !leftAligned.contains(column) { return padding + text }
        return column == headings.count - 1 ? text : text + padding
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
