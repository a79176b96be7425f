internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

extension Manifest {
  /// The dotted path of the first value that contradicts the others or the sums over the inputs;
  /// nil if there is none.
  func inconsistentKey(date: Day, _ logs: LogTotals) -> String? {
    if self.date != date { return "date" }
    if window.last != date || !WindowRules.daysRange.contains(window.days)
      || window.first != date.advanced(by: 1 - window.days)
    {
      return "window"
    }
    if !Resources.partitionsRange.contains(partitions) || partitions.nonzeroBitCount != 1 {
      return "partitions"
    }
    if !ChartOptions.topRange.contains(top) { return "top" }
    if logs.logs != totals.logs { return "totals.logs" }
    if logs.accepted != totals.accepted { return "totals.accepted" }
    if logs.rejected != totals.rejected { return "totals.rejected" }
    if totals.streams != totals.accepted { return "totals.streams" }
    if let key = inconsistentDay(logs) ?? inconsistentReason(logs) ?? inconsistentRule(logs) {
      return key
    }
    if !areUsersConsistent { return "totals.usersByStreams" }
    if !areCountriesConsistent { return "totals.streamsByCountry" }
    if let key = run.inconsistentKey { return "run.\(key)" }
    let names = OutputNames(day: date, top: top, encoding)
    let required = [names.countryCharts, names.userCharts, names.userCountries]
    var found: Set<String> = []
    for (index, output) in outputs.enumerated() {
      let isOfUsers = output.name == names.userCharts || output.name == names.userCountries
      guard required.contains(output.name) || names.country(ofName: output.name) != nil else {
        return "outputs.\(output.name)"
      }
      if !output.hasStarts(of: isOfUsers ? partitions : 1) {
        return "outputs.\(index).partitionStarts"
      }
      if !output.hasFiles { return "outputs.\(index).files" }
      found.insert(output.name)
    }
    let isComplete =
      found.count == outputs.count && found.isSuperset(of: required)
      && [0, totals.countries].contains(found.count - required.count)
    return isComplete ? nil : "outputs"
  }

  /// The path of the first contradiction about days; nil if every day of the window has accepted
  /// rows or is listed as missing, and no other days are listed.
  private func inconsistentDay(_ logs: LogTotals) -> String? {
    if Set(logs.days.map(\.day)).count != logs.days.count { return "inputs" }
    let days = Set(logs.days.filter { $0.accepted > 0 }.map(\.day))
    let missing = Set(window.missing)
    let isMissingRight =
      days.union(missing).count == window.days && days.isDisjoint(with: missing)
      && missing.count == window.missing.count
      && days.union(missing).allSatisfy((window.first...window.last).contains)
    if !isMissingRight { return "window.missing" }
    let withoutRows = Set(logs.days.map(\.day)).intersection(missing)
    return Set(window.withoutRows) == withoutRows ? nil : "window.withoutRows"
  }

  /// The path of the reasons if their totals are not the sums over the logs.
  private func inconsistentReason(_ logs: LogTotals) -> String? {
    let rows = logs.rejectedByReason
    let names = totals.rejectedByReason.map(\.name)
    let isSame =
      Set(names).count == names.count && rows.keys.allSatisfy(names.contains)
      && totals.rejectedByReason.allSatisfy { $0.rows == rows[$0.name, default: 0] }
    return isSame ? nil : "totals.rejectedByReason"
  }

  /// The path of the rules if their totals are not the sums over the logs.
  private func inconsistentRule(_ logs: LogTotals) -> String? {
    let total = totals.repairedByRule.checkedSum(\.rows)
    return total != nil && Array(logs.repairedByRule.values).checkedSum(\.self) == total
      ? nil : "totals.repairedByRule"
  }

  /// Whether the histogram sums to `totals.users`, and `totals.streams` lies within the bounds that
  /// its buckets set.
  private var areUsersConsistent: Bool {
    let users = totals.usersByStreams
    guard users.count <= StreamHistogram.maxBuckets, users.last != 0,
      users.checkedSum(\.self) == totals.users
    else { return false }
    // The bounds are doubles, because they can exceed the range of `Int`.
    let (min, max) = users.enumerated().reduce((0.0, 0.0)) { sum, bucket in
      let streams = StreamHistogram.streams(of: bucket.offset)
      return (
        sum.0 + Double(bucket.element) * Double(streams.lowerBound),
        sum.1 + Double(bucket.element) * Double(streams.upperBound)
      )
    }
    let streams = Double(totals.streams)
    // The factor allows for rounding of doubles beyond 2^53.
    return min <= streams * 1.000_001 && streams <= max * 1.000_001
  }

  /// Whether the countries are valid and ascending, and their streams sum to `totals.streams`.
  private var areCountriesConsistent: Bool {
    let countries = totals.streamsByCountry
    let codes = countries.map { CountryCode($0.country) }
    return codes.count == totals.countries && codes.allSatisfy { $0 != nil }
      && zip(codes.compactMap(\.self), codes.compactMap(\.self).dropFirst()).allSatisfy(<)
      && countries.allSatisfy { $0.streams > 0 }
      && countries.checkedSum(\.streams) == totals.streams
  }
}

extension Manifest.Run {
  /// The name of the first value that is impossible; nil if there is none.
  fileprivate var inconsistentKey: String? {
    let seconds = [
      self.seconds.waiting, self.seconds.rollup, self.seconds.chart, self.seconds.publish,
      self.seconds.total,
    ]
    if !seconds.allSatisfy(Self.plausibleSeconds.contains) { return "seconds" }
    if threads < 0 { return "threads" }
    if memoryBudget <= 0 { return "memoryBudget" }
    if peakResident < 0 { return "peakResident" }
    if spillBytes < 0 { return "spillBytes" }
    return spillRuns < 0 ? "spillRuns" : nil
  }
}

extension Manifest.Output {
  /// Whether there is a start for each of `partitions`, ascending from 0 to the size of the file.
  fileprivate func hasStarts(of partitions: Int) -> Bool {
    partitionStarts.count == partitions && partitionStarts.first == 0
      && zip(partitionStarts, partitionStarts.dropFirst() + [bytes]).allSatisfy(<=)
  }

  /// Whether `files` is missing, or has as many different paths as the output can have.
  fileprivate var hasFiles: Bool {
    guard let files else { return true }
    return files.allSatisfy(Self.isFile) && Set(files).count == files.count
      && [1, filledStarts.count].contains(files.count)
  }

  /// The offsets at which partitions begin that have bytes, ascending.
  var filledStarts: [Int] {
    zip(partitionStarts, partitionStarts.dropFirst() + [bytes]).filter { $0.0 < $0.1 }.map(\.0)
  }
}
