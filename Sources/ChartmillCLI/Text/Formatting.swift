internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem

/// A number of bytes, as flags and summaries write it.
enum ByteSize {
  private static let letters = Array("KMGT")

  /// Nil if the text is no size or the number does not fit. Case does not matter.
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

  /// `256MiB`, `1.4GiB`, `812B`: one decimal below 100 units, unless it is 0.
  static func text(_ bytes: Int) -> String {
    var unit = "B"
    var value = Double(bytes)
    for letter in letters where value >= 1024 {
      value /= 1024
      unit = "\(letter)iB"
    }
    let isExact = value == value.rounded()
    return (isExact || value >= 100 ? String(Int(value.rounded())) : decimal(value, 1)) + unit
  }
}

/// `value` with `digits` decimals.
func decimal(_ value: Double, _ digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let scaled = Int(saturating: (value * Double(scale)).rounded())
  if digits == 0 { return String(scaled) }
  return "\(scaled / scale)." + String(scaled % scale).padded(to: digits)
}

/// `12,345,678`.
func grouped(_ value: Int) -> String {
  let digits = Array(String(value))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0, digits[index - 1] != "-" { text += "," }
    text.append(digit)
  }
  return text
}

/// `1 log`, `7 logs`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)" + (count == 1 ? "" : "s")
}

/// `3.2%`; `0%` means none at all, and `<0.1%` a few.
func percent(_ part: Int, of whole: Int) -> String {
  guard part > 0, whole > 0 else { return "0%" }
  let share = Double(part) / Double(whole) * 100
  return share < 0.1 ? "<0.1%" : "\(decimal(share, 1))%"
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
  // A quote ends the quoted part, is escaped, and begins another one, in which backslashes are plain.
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

/// `: blank 3, user id 1`, for the names that have rows; empty if none has.
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
