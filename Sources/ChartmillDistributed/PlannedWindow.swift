internal import ChartmillModel
internal import ChartmillSystem
internal import FoundationEssentials

/// What a plan knows of a job and its frames do not say, for `run` in the manifest. It is read from
/// the JSON of `chartmill plan`.
package struct PlannedWindow: Decodable, Sendable {
  let keptDays: [Day]
  let notices: [RollupNotice]
  let overlooked: [OverlookedNames]

  /// The maximum length of a plan. A log takes about a hundred bytes of it.
  private static let maxBytes = 64 << 20

  /// - Throws: `PartsError.notAPlan`; `SystemError`.
  package init(contentsOf path: String) throws {
    var lines = FileLines(try File.open(reading: path))
    guard let line = try lines.next(maxBytes: Self.maxBytes),
      let planned = try? JSONDecoder().decode(PlannedWindow.self, from: Data(line))
    else { throw PartsError.notAPlan(path: path) }
    self = planned
  }
}
