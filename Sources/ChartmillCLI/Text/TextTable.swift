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
    let widths = headings.indices.map { column in
      lines.map { $0[column].text.terminalColumns }.max() ?? 0
    }
    return lines.map { cells in
      zip(cells, widths).enumerated().map { column, entry in
        let (cell, width) = entry
        let padding = String(repeating: " ", count: width - cell.text.terminalColumns)
        let text = palette.painted(cell.text, cell.role)
        if !leftAligned.contains(column) { return padding + text }
        return column == headings.count - 1 ? text : text + padding
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}

extension StringProtocol {
  /// The columns of a terminal that the text takes.
  var terminalColumns: Int { reduce(0) { $0 + $1.terminalColumns } }
}

extension Character {
  /// Two for emoji and for wide characters of East Asia (Unicode Standard Annex 11), otherwise one.
  var terminalColumns: Int {
    guard let first = unicodeScalars.first, !first.isASCII else { return 1 }
    let isEmoji = first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}")
    return isEmoji || Self.wideBlocks.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// The blocks in which nearly all characters are wide.
  private static let wideBlocks: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}
