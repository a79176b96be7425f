package import ChartmillModel
internal import ChartmillSystem

/// Finds days with more bad rows than a limit allows. If no day is over the limit, neither is the
/// window, because its share of bad rows is between the lowest and the highest share of its days.
///
/// Memory: the counts and one sample per reason for one day, whatever the number of logs.
package struct BadRowCheck {
  private struct Count {
    let day: Day?
    var accepted = 0
    var rejected = 0
    var reasons: [Manifest.Tally] = []
    /// The log with the most bad rows so far.
    var worst: (log: String, rejected: Int)?
    /// The first sample of each reason in the worst log.
    var samplesOfWorst: [Manifest.Sample] = []
    /// The first sample of each reason in all logs of the day.
    var samples: [Manifest.Sample] = []
  }

  private let limit: Share
  private var current: Count?
  private var first: BadDay?
  private var daysOver = 0

  package init(limit: Share) {
    self.limit = limit
  }

  /// Adds a log. All logs of a day must be added one after another, but the days may be in any
  /// order.
  ///
  /// - Parameter samples: bad rows, in order. Samples from other logs are ignored.
  package mutating func add(_ input: Manifest.Input, samples: some Sequence<Manifest.Sample>) {
    add(
      input.name, of: input.day, accepted: input.accepted, rejected: input.rejected,
      input.rejectedByReason, samples: samples)
  }

  /// Adds a log that may have no date.
  ///
  /// - Parameters:
  ///   - day: nil for a log that counts as a day of its own.
  ///   - samples: bad rows, in order. Samples from other logs are ignored.
  mutating func add(
    _ name: String, of day: Day?, accepted: Int, rejected: Int, _ reasons: [Manifest.Tally],
    samples: some Sequence<Manifest.Sample>
  ) {
    if day == nil || current?.day != day { endDay() }
    var count = current ?? Count(day: day)
    count.accepted = count.accepted.addingSaturated(accepted)
    count.rejected = count.rejected.addingSaturated(rejected)
    for tally in reasons where tally.rows > 0 {
      if let index = count.reasons.firstIndex(where: { $0.name == tally.name }) {
        count.reasons[index].rows = count.reasons[index].rows.addingSaturated(tally.rows)
      } else {
        count.reasons.append(tally)
      }
    }
    let file = SafeText(name).description
    let own = samples.filter { $0.file == file }.firstOfEachReason(1)
    count.samples = (count.samples + own).firstOfEachReason(1)
    if rejected > count.worst?.rejected ?? 0 {
      count.worst = (name, rejected)
      count.samplesOfWorst = own
    }
    current = count
  }

  /// The first day that was added and is over the limit; nil if there is none.
  package mutating func badDay() -> BadDay? {
    endDay()
    guard var day = first else { return nil }
    day.otherDays = daysOver - 1
    return day
  }

  private mutating func endDay() {
    guard let day = current else { return }
    current = nil
    let rows = day.accepted.addingSaturated(day.rejected)
    guard limit.isExceeded(by: day.rejected, of: rows) else { return }
    daysOver += 1
    if first != nil { return }
    // If several reasons are equally common, `max` returns the first of them, in the order in which
    // rows are checked.
    let reason = day.reasons.max { $0.rows < $1.rows }
    first = BadDay(
      day: day.day, rejected: day.rejected, rows: rows, limit: limit, log: day.worst?.log ?? "",
      reason: reason,
      sample: (day.samplesOfWorst + day.samples).first { $0.reason == reason?.name })
  }
}
