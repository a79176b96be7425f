internal import ChartmillText

/// A scale from 0 to the largest value, with round ticks up to it.
struct PlotScale {
  let largest: Int
  /// Ascending from 0. The step is 1, 2 or 5 times a power of ten.
  let ticks: [Int]

  /// - Parameters:
  ///   - largest: 0 or more.
  ///   - maxTicks: the maximum number of ticks above 0.
  init(largest: Int, maxTicks: Int = 4) {
    self.largest = largest
    var step = 1
    var factors = [2, 5, 10][...]
    var power = 1
    while largest / step > maxTicks, let factor = factors.popFirst() {
      step = power * factor
      if factors.isEmpty {
        power = step
        // For a larger step, ten times the step would overflow. A few such steps reach any number.
        if step <= Int.max / 10 { factors = [2, 5, 10][...] }
      }
    }
    ticks = (0...min(maxTicks, largest / step)).map { $0 * step }
  }

  /// The share of the height that a value takes, 0 … 1.
  func share(of value: Int) -> Double {
    largest > 0 ? min(1, max(0, Double(value) / Double(largest))) : 0
  }

  /// The step between labels, so that at most `max` of `count` are shown.
  static func labelStep(_ count: Int, max maxLabels: Int) -> Int {
    Swift.max(1, (count + maxLabels - 1) / maxLabels)
  }
}

/// A short number: `999`, `1.02K`, `12.3K`, `1.20M`. It has `digits` significant digits, or more if
/// the integer part has more.
func compact(_ value: Int, digits: Int = 3) -> String {
  var scaled = Double(value)
  if scaled < 1000 { return String(value) }
  var letters = ["K", "M", "G", "T", "P", "E"][...]
  var letter = ""
  // A value that would be rounded to 1000 takes the next letter.
  while scaled >= 999.5, let next = letters.popFirst() {
    scaled /= 1000
    letter = next
  }
  let whole = scaled < 9.995 ? 1 : scaled < 99.95 ? 2 : 3
  return decimal(scaled, max(0, digits - whole)) + letter
}

/// A tick as text, without needless decimals: `60K`, `1.5M`.
func tickText(_ value: Int) -> String {
  compact(value, digits: 2).replacing(".0", with: "")
}

/// The change from one number to another: `+3.1%`, `−0.4%`, `±0.0%`, `=`. Nil if `previous` is 0.
func change(from previous: Int, to current: Int) -> String? {
  if previous == current { return "=" }
  guard previous > 0 else { return nil }
  let share = (Double(current) - Double(previous)) / Double(previous) * 100
  let sign = share < 0 ? "\u{2212}" : "+"
  let size = share.magnitude
  if size < 0.05 { return "\u{B1}0.0%" }
  return sign + (size < 1000 ? "\(decimal(size, 1))%" : "\(compact(Int(min(size, 1e18))))%")
}
