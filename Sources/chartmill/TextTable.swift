/// Columns for people, every one to the right, as numbers are read.
enum TextTable {
  /// - Precondition: every row has as many cells as there are headings.
  static func text(_ headings: [String], _ rows: [[String]]) -> String {
    let lines = [headings] + rows
    let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      zip(cells, widths).map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
