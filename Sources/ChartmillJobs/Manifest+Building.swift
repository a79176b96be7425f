package import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

extension Manifest.Input {
  /// Describes a log that was rolled up.
  package init(_ log: RolledUpLog, of days: [DayLogs]) {
    let day = days[log.day]
    self.init(
      name: day.files[log.file].name, day: day.day, reading: log.reading, bytes: log.byteCount,
      textBytes: log.checksum.byteCount, textCRC32: log.checksum.crc, accepted: log.accepted,
      rejected: log.rejected,
      rejectedByReason: RejectReason.allCases.map { reason in
        .init(
          name: reason.name,
          rows: log.rejectedByReason.isEmpty ? 0 : log.rejectedByReason[reason.rawValue])
      },
      repairedByRule: RepairRule.allCases.map { rule in
        .init(
          name: rule.name, rows: log.repairedByRule.isEmpty ? 0 : log.repairedByRule[rule.rawValue])
      })
  }
}

extension Manifest {
  /// The number of days of the window whose logs were read, because no kept rollup was used.
  package var readDays: Int {
    window.days - window.missing.count + window.withoutRows.count - run.keptDays.count
  }
}

extension Manifest.Input {
  /// Orders inputs by day, then by the bytes of the name, as `LogFile.precedes` does.
  package func precedes(_ other: Manifest.Input) -> Bool {
    if day != other.day { return day < other.day }
    return name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}

extension Manifest.Totals {
  /// Makes the totals from the sums over the logs, with the first samples for each reason.
  package init(
    _ logs: LogTotals, samples: [Manifest.Sample], users: Int, countries: Int,
    usersByStreams: StreamHistogram, streamsByCountry: [Manifest.CountryStreams]
  ) {
    self.init(
      logs: logs.logs, accepted: logs.accepted, rejected: logs.rejected,
      rejectedByReason: RejectReason.allCases.map {
        .init(name: $0.name, rows: logs.rejectedByReason[$0.name] ?? 0)
      },
      repairedByRule: RepairRule.allCases.map {
        .init(name: $0.name, rows: logs.repairedByRule[$0.name] ?? 0)
      },
      samples: samples.firstOfEachReason(RejectTally.samplesPerReason),
      users: users, countries: countries,
      streams: logs.accepted, usersByStreams: usersByStreams.users,
      streamsByCountry: streamsByCountry)
  }
}

extension Manifest.Output {
  package init(_ name: String, _ written: PartitionedOutput.Written) {
    self.init(
      name: name, bytes: written.checksum.byteCount, lines: written.lines,
      crc32: written.checksum.crc, partitionStarts: written.partitionStarts)
  }
}

extension Manifest {
  /// Makes a manifest without inputs, which are written to its file one by one.
  ///
  /// - Parameters:
  ///   - rules: the rules that the rows were accepted by.
  ///   - logs: the sums over the inputs.
  ///   - samples: bad rows in the order of the inputs.
  ///   - users: the file of user charts, and the file of user countries.
  package init(
    _ window: Window, _ charts: ChartOptions, partitions: Int, rules: RowRules, logs: LogTotals,
    logNotices: [LogNotice], samples: [Sample], users: [PartitionedOutput.Written],
    countries: CountryOutputs, usersByStreams: StreamHistogram, run: Run
  ) {
    let names = OutputNames(day: window.last, top: charts.top, charts.encoding)
    self.init(
      date: window.last, window: window, partitions: partitions, top: charts.top,
      chartFormat: charts.encoding.format, rules: rules.identity, inputs: [],
      logNotices: logNotices,
      totals: .init(
        logs, samples: samples, users: users[0].entries, countries: countries.all.entries,
        usersByStreams: usersByStreams, streamsByCountry: countries.streams),
      outputs: [
        .init(names.countryCharts, countries.all), .init(names.userCharts, users[0]),
        .init(names.userCountries, users[1]),
      ] + countries.each.map { .init($0.name, $0.written) },
      run: run)
  }

  /// The bad rows for each reason.
  static func reasons(_ tally: RejectTally) -> [Tally] {
    RejectReason.allCases.map { Tally(name: $0.name, rows: tally.rejected($0)) }
  }

  /// The repaired rows for each rule.
  static func rules(_ tally: RejectTally) -> [Tally] {
    RepairRule.allCases.map { Tally(name: $0.name, rows: tally.repaired($0)) }
  }

  /// The samples of a tally, ordered by reason.
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
