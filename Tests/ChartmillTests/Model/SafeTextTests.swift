import ChartmillCore
import Testing

@testable import ChartmillModel

@Suite struct SafeTextTests {
  @Test(arguments: [
    ("1|2|FR", "1|2|FR"), ("Zoë 音楽", "Zoë 音楽"), ("a\nb\tc\u{7F}", #"a\x0ab\x09c\x7f"#),
    (#"a\x0a"#, #"a\\x0a"#), ("\u{202E}evil", #"\u{202e}evil"#), ("\u{9B}2J", #"\u{9b}2J"#),
  ])
  func controlCharactersAreEscaped(_ text: String, _ shown: String) {
    #expect(SafeText(text).description == shown)
  }

  @Test func invalidBytesAreEscapedAndTheTextAfterThemIsKept() {
    #expect(SafeText(utf8: [0x61, 0xff, 0xc3, 0x62, 0xc3]).description == #"a\xff\xc3b\xc3"#)
    #expect(SafeText(utf8: []).description == "")
  }
}
