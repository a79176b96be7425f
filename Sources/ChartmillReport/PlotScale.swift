internal import ChartmillText

/// A scale from 0 to the largest value, with round ticks up to it.
struct PlotScale {
  let largest: Int
  /// Ascending, 0 first: 1, 2 or 5 times a power of ten apart.
  let ticks: [Int]

  /// - Parameters:
  ///   - largest: 0 or more.
  ///   - mostTicks: beside 0.
  init(largest: Int, mostTicks: Int = 4) {
    self.largest = largest
    var step = 1
    var factors = [2, 5, 10][...]
    var power = 1
    while largest / step > mostTicks, let factor = factors.popFirst() {
      step = power * factor
      if factors.isEmpty {
        power = step
        // Beyond that ten times the step is no `Int`, and a few steps reach any.
        if step <= Int.max / 10 { factors = [2, 5, 10][...] }
      }
    }
    ticks = (0...min(mostTicks, largest / step)).map { $0 * step }
  }

  /// Of the whole height, 0 … 1.
  func share(of value: Int) -> Double {
    largest > 0 ? min(1, max(0, Double(value) / Double(largest))) : 0
  }

  /// Every how many of `count` labels is shown, so that `most` are.
  static func labelStep(_ count: Int, most: Int) -> Int {
    max(1, (count + most - 1) / most)
  }
}

/// A number that has to be short: `999`, `1.02K`, `12.3K`, `1.20M`; as many digits that count, or all
/// of those before the point.
func compact(_ value: Int, digits: Int = 3) -> String {
  var scaled = Double(value)
  if scaled < 1000 { return String(value) }
  var letters = ["K", "M", "G", "T", "P", "E"][...]
  var letter = ""
  // What would be rounded to 1000 belongs to the next letter.
  while scaled >= 999.5, let next = letters.popFirst() {
    scaled /= 1000
    letter = next
  }
  let whole = scaled < 9.995 ? 1 : scaled < 99.95 ? 2 : 3
  return decimal(scaled, max(0, digits - whole)) + letter
}

/// A round number beside an axis: `60K`, `1.5M`.
func tickText(_ value: Int) -> String {
  compact(value, digits: 2).replacing(".0", with: "")
}

/// `+3.1%`, `−0.4%`, `±0.0%`, `=`: from one number to another. Nil from nothing.
func change(from before: Int, to now: Int) -> String? {
  if before == now { return "=" }
  guard before > 0 else { return nil }
  let share = (Double(now) - Double(before)) / Double(before) * 100
  let sign = share < 0 ? "\u{2212}" : "+"
  let size = share.magnitude
  if size < 0.05 { return "\u{B1}0.0%" }
  return sign + (size < 1000 ? "\(decimal(size, 1))%" : "\(compact(Int(min(size, 1e18))))%")
}
