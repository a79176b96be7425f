internal import ChartmillCore
package import ChartmillModel

/// What `chartmill check` found in the logs that it could read.
package struct LogReport: Encodable, Sendable, Equatable {
  package struct Log: Encodable, Sendable, Equatable {
    /// The path as it was given.
    package let path: String
    package let reading: Manifest.Input.Reading
    /// The size of the file as it is stored.
    package let bytes: Int
    package let accepted: Int
    package let rejected: Int
  }

  package struct CountryRows: Encodable, Sendable, Equatable {
    package let country: String
    package let rows: Int
  }

  /// The logs: named files in the order given, or the logs of a window by day and name.
  package let logs: [Log]
  /// The paths of logs that could not be read to their end. The numbers below do not include them.
  package let unreadable: [String]
  /// The days of the window without a log.
  package let missing: [Day]
  package let accepted: Int
  package let rejected: Int
  package let rejectedByReason: [Manifest.Tally]
  /// The bad rows that `--repair` would repair.
  package let repairableByRule: [Manifest.Tally]
  /// The first bad rows for each reason.
  package let samples: [Manifest.Sample]
  /// The countries with accepted rows, those with the most rows first.
  package let countries: [CountryRows]
  /// The estimated number of users; see `usersRelativeError`.
  package let users: Int
  /// The standard error of `users`, as a share of it.
  package let usersRelativeError = DistinctCount.relativeStandardError
}

extension LogReport {
  init(
    _ checked: [CheckedLog], _ audience: Audience, unreadable: [String], missing: [Day],
    countries: CountryList
  ) {
    var tally = RejectTally()
    for log in checked { tally.merge(log.tally) }
    logs = checked.map { log in
      Log(
        path: log.log.path, reading: log.reading, bytes: log.log.byteCount,
        accepted: log.tally.accepted, rejected: log.tally.rejected)
    }
    self.unreadable = unreadable
    self.missing = missing
    accepted = tally.accepted
    rejected = tally.rejected
    rejectedByReason = Manifest.reasons(tally)
    repairableByRule = Manifest.rules(tally)
    samples = checked.flatMap { Manifest.samples($0.tally, of: $0.log.path) }
      .firstOfEachReason(RejectTally.samplesPerReason)
    self.countries = audience.rowsOfCountry.enumerated().filter { $0.element > 0 }
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map { CountryRows(country: countries.code(at: UInt8($0.offset)), rows: $0.element) }
    users = audience.users.estimate
  }
}
