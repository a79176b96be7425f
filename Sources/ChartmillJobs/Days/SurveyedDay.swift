package import ChartmillCore
internal import ChartmillModel

/// A day of the window before the first phase: its logs, and its kept rollup if it can be used.
package struct SurveyedDay {
  let logs: DayLogs
  /// Whether the kept rollup of the day is used instead of its logs.
  let isKept: Bool
  /// The kept rollup; nil if the logs must be rolled up, or if its bytes are in another place.
  let kept: KeptRollup?
  /// A notice that the kept rollup cannot be used, or that it is used without its logs; nil if
  /// there is nothing to report.
  let notice: RollupNotice?

  /// A day whose logs must be rolled up.
  package init(logs: DayLogs) {
    self.init(logs: logs, isKept: false)
  }

  private init(
    logs: DayLogs, isKept: Bool, kept: KeptRollup? = nil, notice: RollupNotice.Kind? = nil
  ) {
    self.logs = logs
    self.isKept = isKept
    self.kept = kept
    self.notice = notice.map { RollupNotice(day: logs.day, kind: $0) }
  }

  /// The number of logs that the manifest lists for the day.
  var logCount: Int { kept?.logs ?? logs.files.count }

  /// Finds the kept rollups that can be used for the days of a window.
  ///
  /// Time: a few dozen microseconds per log of a kept day. Memory: a few hundred bytes per day.
  ///
  /// - Parameters:
  ///   - rollups: nil if rollups are not kept.
  ///   - partitions: the number of partitions that a rollup must have.
  ///   - rules: the rules that its rows must have been accepted by.
  /// - Throws: `StateError.unusableRollup` if a rollup cannot be used and its day has no log.
  static func survey(
    _ days: [DayLogs], in rollups: (any KeptRollups)?, partitions: Int, _ rules: RowRules
  ) throws -> [SurveyedDay] {
    try days.map { day in
      switch try rollups?.find(day, partitions: partitions, rules) {
      case nil: return SurveyedDay(logs: day)
      case .usable(let kept, let notice):
        return SurveyedDay(logs: day, isKept: true, kept: kept, notice: notice)
      case .unusable(let problem):
        // Without a log, the day cannot be rolled up again.
        if day.files.isEmpty, let rollups {
          throw StateError.unusableRollup(path: rollups.path(of: day.day), problem)
        }
        return SurveyedDay(logs: day, isKept: false, notice: problem)
      }
    }
  }
}
