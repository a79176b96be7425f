internal import ChartmillCore
internal import ChartmillModel

/// The rollups that earlier jobs have kept: those of a state folder, or the records of those of a
/// distributed job.
protocol KeptRollups {
  /// The kept days for a window.
  func keptDays(endingWith end: WindowEnd) throws -> KeptDays

  /// The path of a day's rollup in messages.
  func path(of day: Day) -> String

  /// Examines the rollup of a day; nil if there is none.
  ///
  /// - Parameters:
  ///   - partitions: the number of partitions that the rollup must have.
  ///   - rules: the rules that its rows must have been accepted by.
  func find(_ day: DayLogs, partitions: Int, _ rules: RowRules) throws -> FoundRollup?
}

/// Whether the rollup of a day can be used instead of its logs.
enum FoundRollup {
  /// `rollup` is nil if its bytes are in another place. `notice` reports logs that are gone.
  case usable(rollup: KeptRollup?, notice: RollupNotice.Kind?)
  case unusable(RollupNotice.Kind)
}
