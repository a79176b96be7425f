internal import ChartmillCore
internal import ChartmillModel

/// Samples of rejected rows, of each reason those of the first logs, whatever order logs come in.
///
/// Memory: some hundred samples, of however many logs.
struct FirstSamples {
  private static let mostHeld = 1024

  private struct Held {
    let day: Day
    let log: String
    let sample: Manifest.Sample
  }

  private var held: [Held] = []

  var first: [Manifest.Sample] {
    held.sorted(by: Self.precedes).map(\.sample).firstOfEachReason(RejectTally.samplesPerReason)
  }

  /// Adds the samples of a log, which are in order.
  mutating func add(_ samples: [Manifest.Sample], day: Day, log: String) {
    held += samples.map { Held(day: day, log: log, sample: $0) }
    if held.count <= Self.mostHeld { return }
    held = held.sorted(by: Self.precedes)
      .first(RejectTally.samplesPerReason, ofEach: \.sample.reason)
  }

  private static func precedes(_ left: Held, _ right: Held) -> Bool {
    if left.day != right.day { return left.day < right.day }
    return left.log.utf8.lexicographicallyPrecedes(right.log.utf8)
  }
}
