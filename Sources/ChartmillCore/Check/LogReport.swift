/// What `chartmill check` found in the logs that it could read.
public struct LogReport: Encodable, Sendable, Equatable {
  public struct Log: Encodable, Sendable, Equatable {
    /// As it was named.
    public let path: String
    public let reading: Manifest.Input.Reading
    /// Of the file as it is stored.
    public let bytes: Int
    public let accepted: Int
    public let rejected: Int
  }

  public struct CountryRows: Encodable, Sendable, Equatable {
    public let country: String
    public let rows: Int
  }

  /// In the order they were named, or by name.
  public let logs: [Log]
  /// Logs that could not be read to their end: nothing below counts them.
  public let unreadable: [String]
  /// Days of the window without a log.
  public let missing: [Day]
  public let accepted: Int
  public let rejected: Int
  public let rejectedByReason: [Manifest.Tally]
  /// Of the rejected rows, those that `--repair` would mend.
  public let repairableByRule: [Manifest.Tally]
  /// Of each reason the first few.
  public let samples: [Manifest.Sample]
  /// Those with accepted rows, most rows first.
  public let countries: [CountryRows]
  /// An estimate: see `usersRelativeError`.
  public let users: Int
  /// The standard error of `users`, as a share of it.
  public let usersRelativeError = DistinctCount.relativeStandardError

  /// JSON with sorted keys.
  public func encoded() -> [UInt8] { prettyJSON(self) }
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
