internal import ChartmillSystem

/// `value` with `digits` decimals.
package func decimal(_ value: Double, _ digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let scaled = Int(saturating: (value * Double(scale)).rounded())
  if digits == 0 { return String(scaled) }
  return "\(scaled / scale)." + String(scaled % scale).padded(to: digits)
}

/// `12,345,678`.
package func grouped(_ value: Int) -> String {
  let digits = Array(String(value))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0, digits[index - 1] != "-" { text += "," }
    text.append(digit)
  }
  return text
}

/// `1 log`, `7 logs`.
package func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)" + (count == 1 ? "" : "s")
}

/// `3.2%`. `0%` means none at all, and `<0.1%` means a few.
package func percent(_ part: Int, of whole: Int) -> String {
  guard part > 0, whole > 0 else { return "0%" }
  let share = Double(part) / Double(whole) * 100
  return share < 0.1 ? "<0.1%" : "\(decimal(share, 1))%"
}
