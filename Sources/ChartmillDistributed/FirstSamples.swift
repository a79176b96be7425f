internal import ChartmillCore
internal import ChartmillModel

/// Keeps the samples of bad rows from the first logs for each reason, whatever the order in which
/// the logs are added.
///
/// Memory: about a thousand samples, whatever the number of logs.
struct FirstSamples {
  private static let maxHeld = 1024

  private struct Held {
    let day: Day
    let log: String
    let sample: Manifest.Sample
  }

  private var held: [Held] = []

  /// The first samples for each reason, ordered by log.
  var first: [Manifest.Sample] {
    held.sorted(by: Self.precedes).map(\.sample).firstOfEachReason(RejectTally.samplesPerReason)
  }

  /// Adds the samples of a log, in order.
  mutating func add(_ samples: [Manifest.Sample], day: Day, log: String) {
    held += samples.map { Held(day: day, log: log, sample: $0) }
    if held.count <= Self.maxHeld { return }
    held = held.sorted(by: Self.precedes)
      .first(RejectTally.samplesPerReason, ofEach: \.sample.reason)
  }

  private static func precedes(_ left: Held, _ right: Held) -> Bool {
    if left.day != right.day { return left.day < right.day }
    return left.log.utf8.lexicographicallyPrecedes(right.log.utf8)
  }
}
