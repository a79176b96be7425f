extension Manifest {
  /// The dotted path of the first value that cannot stand beside the others; nil when all can.
  func inconsistentKey(date: Day) -> String? {
    if self.date != date { return "date" }
    if window.last != date || !JobConfiguration.daysRange.contains(window.days)
      || window.first != date.advanced(by: 1 - window.days)
    {
      return "window"
    }
    if !JobConfiguration.partitionsRange.contains(partitions) || partitions.nonzeroBitCount != 1 {
      return "partitions"
    }
    if !JobConfiguration.topRange.contains(top) { return "top" }
    if totals.accepted < 0 || inputs.contains(where: { $0.accepted < 0 || $0.rejected < 0 }) {
      return "totals.accepted"
    }
    if Self.sum(inputs.map(\.accepted)) != totals.accepted { return "totals.accepted" }
    if Self.sum(inputs.map(\.rejected)) != totals.rejected { return "totals.rejected" }
    if totals.streams != totals.accepted { return "totals.streams" }
    let names = OutputNames(day: date, top: top, encoding)
    let whole = [names.countryCharts, names.userCharts, names.userCountries]
    var found: Set<String> = []
    for (index, output) in outputs.enumerated() {
      let isOfUsers = output.name == names.userCharts || output.name == names.userCountries
      guard whole.contains(output.name) || names.country(ofName: output.name) != nil else {
        return "outputs.\(output.name)"
      }
      if !output.hasStarts(of: isOfUsers ? partitions : 1) {
        return "outputs.\(index).partitionStarts"
      }
      found.insert(output.name)
    }
    let isComplete =
      found.count == outputs.count && found.isSuperset(of: whole)
      && [0, totals.countries].contains(found.count - whole.count)
    return isComplete ? nil : "outputs"
  }

  private static func sum(_ values: [Int]) -> Int? {
    var sum = 0
    for value in values {
      let (next, overflows) = sum.addingReportingOverflow(value)
      if overflows { return nil }
      sum = next
    }
    return sum
  }
}

extension Manifest.Output {
  /// Whether the parts of so many partitions follow one another from the beginning to the end.
  fileprivate func hasStarts(of partitions: Int) -> Bool {
    partitionStarts.count == partitions && partitionStarts.first == 0
      && zip(partitionStarts, partitionStarts.dropFirst() + [bytes]).allSatisfy(<=)
  }
}
