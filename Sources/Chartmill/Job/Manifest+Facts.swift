/// How the manifest's parts come from what the phases return.
extension Manifest.Input {
  init(_ digested: DigestedLog) {
    self.init(
      name: digested.log.name, day: digested.day,
      reading: Reading(isGzip: digested.isGzip, hasTrailingBytes: digested.hasTrailingBytes),
      bytes: digested.log.byteCount, textBytes: digested.checksum.byteCount,
      textCRC32: digested.checksum.crc, accepted: digested.tally.accepted,
      rejected: digested.tally.rejected,
      rejectedByReason: Manifest.reasons(digested.tally),
      repairedByRule: Manifest.rules(digested.tally))
  }
}

extension Manifest {
  /// How many days of the window were read from logs, and not taken from kept digests.
  public var readDays: Int {
    Set(inputs.map(\.day)).subtracting(run.keptDays).count
  }
}

extension Manifest.Input {
  /// By day, then by the bytes of the name, as `LogFile.precedes`.
  func precedes(_ other: Manifest.Input) -> Bool {
    if day != other.day { return day < other.day }
    return name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}

extension Manifest.Input.Reading {
  init(isGzip: Bool, hasTrailingBytes: Bool) {
    self = hasTrailingBytes ? .gzipWithTrailingBytes : isGzip ? .gzip : .text
  }
}

extension Manifest.Totals {
  /// The sums of `inputs`, and of each reason as many samples as a tally keeps, from the first logs.
  init(
    _ inputs: [Manifest.Input], samples: [Manifest.Sample], users: Int, countries: Int,
    usersByStreams: StreamHistogram, streamsByCountry: [Manifest.CountryStreams]
  ) {
    let accepted = inputs.reduce(0) { $0 + $1.accepted }
    self.init(
      accepted: accepted, rejected: inputs.reduce(0) { $0 + $1.rejected },
      rejectedByReason: RejectReason.allCases.map { reason in
        Manifest.sum(reason.name, inputs.flatMap(\.rejectedByReason))
      },
      repairedByRule: RepairRule.allCases.map { rule in
        Manifest.sum(rule.name, inputs.flatMap(\.repairedByRule))
      },
      samples: samples.firstOfEachReason(RejectTally.samplesPerReason),
      users: users, countries: countries,
      streams: accepted, usersByStreams: usersByStreams.users, streamsByCountry: streamsByCountry)
  }
}

extension [Manifest.Sample] {
  /// Of each reason the first `count`, in their order.
  public func firstOfEachReason(_ count: Int) -> [Manifest.Sample] {
    first(count, ofEach: \.reason)
  }
}

extension Array {
  /// Of the elements with one value the first `count`, in their order.
  func first(_ count: Int, ofEach value: (Element) -> String) -> [Element] {
    var kept: [String: Int] = [:]
    return filter { element in
      kept[value(element), default: 0] += 1
      return kept[value(element), default: 0] <= count
    }
  }
}

extension Manifest.Output {
  init(_ name: String, _ written: PartitionedOutput.Written) {
    self.init(
      name: name, bytes: written.checksum.byteCount, lines: written.lines,
      crc32: written.checksum.crc, partitionStarts: written.partitionStarts)
  }
}

extension Manifest {
  /// - Parameters:
  ///   - inputs: in the order of their days and names.
  ///   - samples: in the order of `inputs`.
  ///   - users: their charts, and their countries.
  init(
    _ configuration: JobConfiguration, _ window: Window, inputs: [Input], samples: [Sample],
    users: [PartitionedOutput.Written], countries: CountryOutputs,
    usersByStreams: StreamHistogram, run: Run
  ) {
    let names = OutputNames(day: window.last, top: configuration.top, configuration.encoding)
    self.init(
      date: window.last, window: window, partitions: configuration.partitions,
      top: configuration.top, chartFormat: configuration.encoding.format,
      rules: configuration.rules, inputs: inputs,
      totals: .init(
        inputs, samples: samples, users: users[0].entries, countries: countries.all.entries,
        usersByStreams: usersByStreams, streamsByCountry: countries.streams),
      outputs: [
        .init(names.countryCharts, countries.all), .init(names.userCharts, users[0]),
        .init(names.userCountries, users[1]),
      ] + countries.each.map { .init($0.name, $0.written) },
      run: run)
  }

  fileprivate static func sum(_ name: String, _ tallies: [Tally]) -> Tally {
    Tally(name: name, rows: tallies.reduce(0) { $0 + ($1.name == name ? $1.rows : 0) })
  }

  static func reasons(_ tally: RejectTally) -> [Tally] {
    RejectReason.allCases.map { Tally(name: $0.name, rows: tally.rejected($0)) }
  }

  static func rules(_ tally: RejectTally) -> [Tally] {
    RepairRule.allCases.map { Tally(name: $0.name, rows: tally.repaired($0)) }
  }

  static func samples(_ tally: RejectTally, of file: String) -> [Sample] {
    RejectReason.allCases.flatMap { reason in
      tally.samples(reason).map { sample in
        Sample(
          reason: reason.name, file: file, line: sample.line, text: sample.text,
          isCut: sample.isCut)
      }
    }
  }
}
