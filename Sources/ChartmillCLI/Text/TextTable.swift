/// Columns for people, aligned to the right for comparing numbers.
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

  /// - Precondition: every row has as many cells as there are headings.
  static func text(_ headings: [String], _ rows: [[Cell]], _ palette: Palette) -> String {
    let lines = [headings.map { Cell($0, .heading) }] + rows
    let widths = headings.indices.map { column in lines.map { $0[column].text.count }.max() ?? 0 }
    return lines.map { cells in
      zip(cells, widths).map { cell, width in
        String(repeating: " ", count: width - cell.text.count)
          + palette.painted(cell.text, cell.role)
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
