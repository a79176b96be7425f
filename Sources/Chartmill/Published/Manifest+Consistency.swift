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
    let names = OutputNames(day: date, top: top, compresses: false)
    for (index, output) in outputs.enumerated() {
      var partitions = partitions
      let name = output.name.hasSuffix(".gz") ? String(output.name.dropLast(3)) : output.name
      switch name {
      case names.countryCharts:
        if output.lines != totals.countries { return "totals.countries" }
        partitions = 1
      case names.userCharts, names.userCountries:
        if output.lines != totals.users { return "totals.users" }
      default: return "outputs.\(output.name)"
      }
      if !output.hasStarts(of: partitions) { return "outputs.\(index).partitionStarts" }
    }
    return outputs.count == 3 ? nil : "outputs"
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
