import Testing

@testable import ChartmillCLI

/// Columns stay below their headings in a terminal, whatever script a title is in.
@Suite struct TextTableTests {
  @Test(arguments: [
    ("abc", 3), ("Zo\u{EB}", 3), ("Zoe\u{308}", 3), ("\u{97F3}\u{697D}", 4),
    ("\u{1F469}\u{200D}\u{1F467}", 2), ("\u{2764}\u{FE0F}", 2), ("\u{D55C}", 2),
    ("\u{634}\u{643}", 2), ("", 0),
  ])
  func wideCharactersTakeTwoColumns(_ text: String, _ columns: Int) {
    #expect(text.terminalColumns == columns)
  }

  @Test func columnsAreAligned() {
    let rows: [[TextTable.Cell]] = [["\u{97F3}\u{697D}", "1"], ["a", "10"]]
    #expect(
      TextTable.text(["title", "n"], rows, .standardOutput(.never), leftAligned: [0]) == """
        title   n
        \u{97F3}\u{697D}    1
        a      10

        """)
  }

  @Test func longTitlesAreCutToTheSameWidth() {
    for title in [String(repeating: "a", count: 50), String(repeating: "\u{97F3}", count: 50)] {
      let text = TextTable.Cell(title: title).text
      #expect(text.hasSuffix("\u{2026}"))
      #expect((39...40).contains(text.terminalColumns))
    }
    #expect(TextTable.Cell(title: String(repeating: "a", count: 40)).text.count == 40)
  }
}
