/// Arithmetic on sizes, times and other numbers from outside, which can have any value. A result
/// that does not fit becomes the nearest number that does.
///
/// Use it only for numbers that are compared or shown. Add exact counts with
/// `addingReportingOverflow`.
extension FixedWidthInteger {
  package func addingSaturated(_ other: Self) -> Self {
    let (sum, overflows) = addingReportingOverflow(other)
    if !overflows { return sum }
    return other < 0 ? .min : .max
  }

  package func multipliedSaturated(by other: Self) -> Self {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    if !overflows { return product }
    return (self < 0) == (other < 0) ? .max : .min
  }
}

extension Int {
  /// `value` rounded toward zero; 0 for NaN.
  package init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if let exact = Int(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value < 0 ? .min : .max
    }
  }
}

extension Sequence {
  package func saturatedSum(_ value: (Element) throws -> Int) rethrows -> Int {
    try reduce(0) { try $0.addingSaturated(value($1)) }
  }

  /// The sum of counts; nil if a count is negative or the sum does not fit.
  package func checkedSum(_ count: (Element) throws -> Int) rethrows -> Int? {
    var sum = 0
    for element in self {
      let value = try count(element)
      let (next, overflows) = sum.addingReportingOverflow(value)
      if value < 0 || overflows { return nil }
      sum = next
    }
    return sum
  }
}
