/// Arithmetic on numbers from outside (sizes, times, free space), which may be anything: what does
/// not fit becomes the nearest number that does. Such a number is only compared or shown; counts
/// that must be exact are added with `addingReportingOverflow` instead.
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
  /// The nearest integer toward zero; 0 of what is no number.
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

  /// The sum of counts; nil when one is negative or the sum does not fit.
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
