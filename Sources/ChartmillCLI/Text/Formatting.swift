internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension ByteSize {
  /// Nil if the text is not a size or the number does not fit. Case does not matter.
  static func parse(_ text: String) -> Int? {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard let value = Int(digits: number) else { return nil }
    var unit = Substring(text.dropFirst(number.count).uppercased())
    if unit.isEmpty || unit == "B" { return value }
    guard let letter = unit.popFirst(), let power = letters.firstIndex(of: letter) else {
      return nil
    }
    let base: Int
    switch unit {
    case "", "IB": base = 1024
    case "B": base = 1000
    default: return nil
    }
    var bytes = value
    for _ in 0...power {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: base)
      if overflows { return nil }
      bytes = product
    }
    return bytes
  }
}

/// `0:07`, `1:02:07`.
func clock(seconds: Double) -> String {
  let whole = Int(min(max(0, seconds), 359_999).rounded())
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0
    ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
}

/// Text from outside in quotes, safe to show.
func quoted(_ text: String) -> String { "'\(SafeText(text))'" }

/// A file name as a word for a shell, safe to show.
func shellWord(_ text: String) -> String {
  let isPlain =
    !text.isEmpty && !text.hasPrefix("-")
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/._-+=,:@%".utf8.contains(byte)
      }
    }
  if isPlain { return text }
  // At each quote, the quoted part ends, an escaped quote follows, and another quoted part begins.
  // Backslashes are literal inside of quotes.
  let parts = text.split(separator: "'", omittingEmptySubsequences: false).map {
    SafeText(String($0)).description.replacing(#"\\"#, with: #"\"#)
  }
  return "'" + parts.joined(separator: #"'\''"#) + "'"
}

/// `20260629 to 20260705`, followed by `, 5 of 7 days` if some are missing or if `saysDays`.
func span(_ window: Manifest.Window, saysDays: Bool = false) -> String {
  let isComplete = window.missing.isEmpty
  return "\(window.first) to \(window.last)"
    + (isComplete && !saysDays
      ? "" : ", \(window.coveredDays) of \(counted(window.days, "day"))")
}

/// `: blank 3, user id 1`, for the names that have rows; empty if there are none.
func tallies(_ tallies: [Manifest.Tally]) -> String {
  let present = tallies.filter { $0.rows > 0 }
  if present.isEmpty { return "" }
  return ": " + present.map { "\($0.name) \(grouped($0.rows))" }.joined(separator: ", ")
}

/// One line per entry, with the texts in one column.
func aligned(_ lines: [(name: String, text: String)]) -> String {
  let width = (lines.map(\.name.count).max() ?? 0) + 2
  return lines.map { name, text in
    name + String(repeating: " ", count: width - name.count) + text + "\n"
  }.joined()
}
