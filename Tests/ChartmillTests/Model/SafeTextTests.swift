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

  /// Joiners shape letters and emoji. Alone, or after ASCII, they only hide in a text.
  @Test(arguments: [
    ("می\u{200C}خواهم", "می\u{200C}خواهم"),
    ("\u{1F469}\u{200D}\u{1F467} Party", "\u{1F469}\u{200D}\u{1F467} Party"),
    ("a\u{200D}b", #"a\u{200d}b"#), ("\u{200C}a", #"\u{200c}a"#),
    ("\u{1F469}\u{200D}\u{200D}", "\u{1F469}\u{200D}" + #"\u{200d}"#),
    ("one\r\ntwo\tthree\u{2028}four", "one two three four"), (#"AC\DC"#, #"AC\DC"#),
    ("\u{202E}evil\u{7F}\u{9B}", #"\u{202e}evil\x7f\u{9b}"#),
  ])
  func titlesAreShownToPeople(_ title: String, _ shown: String) {
    #expect(SafeText(title: title).description == shown)
  }

  @Test func invalidBytesAreEscapedAndTheTextAfterThemIsKept() {
    #expect(SafeText(utf8: [0x61, 0xff, 0xc3, 0x62, 0xc3]).description == #"a\xff\xc3b\xc3"#)
    #expect(SafeText(utf8: []).description == "")
  }
}
