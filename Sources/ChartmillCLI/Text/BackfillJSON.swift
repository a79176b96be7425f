internal import ChartmillJobs
internal import ChartmillModel

/// What `backfill` did with one date, as a JSON object. A date that was charted also has the
/// results of its run.
struct BackfillJSON: Encodable {
  private let date: Day
  private let status: String
  /// Why the date was skipped.
  private let reason: String?
  private let results: RunJSON?

  private enum CodingKeys: CodingKey {
    case date, status, reason
  }

  /// - Parameter results: nil if the date was not charted.
  init(_ date: Day, _ outcome: BackfillJob.Outcome, _ results: RunJSON? = nil) {
    self.date = date
    self.results = results
    switch outcome {
    case .finishedBefore: (status, reason) = ("already charted", nil)
    case .charted: (status, reason) = ("charted", nil)
    case .due: (status, reason) = ("would be charted", nil)
    case .skipped(let error): (status, reason) = ("skipped", Explanation(error).problem)
    }
  }

  func encode(to encoder: any Encoder) throws {
    try results?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(date, forKey: .date)
    try container.encode(status, forKey: .status)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
