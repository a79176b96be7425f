package import ChartmillCore
package import ChartmillModel

/// A day of the window, before anything is digested.
package struct SurveyedDay {
  let logs: DayLogs
  /// The kept digest that serves in place of the logs.
  let kept: KeptDigest?
  let notice: DigestNotice?

  package init(logs: DayLogs, kept: KeptDigest? = nil, notice: DigestNotice? = nil) {
    self.logs = logs
    self.kept = kept
    self.notice = notice
  }

  /// How many logs the manifest lists for it.
  var logCount: Int { kept?.logs ?? logs.files.count }

  /// Finds the kept digests that serve for the days of a window.
  ///
  /// Time: some dozen microseconds for each log of a kept day. Memory: some hundred bytes for each
  /// day.
  ///
  /// - Parameters:
  ///   - partitions: how many a digest must have to serve.
  ///   - rules: those that its rows must have been accepted by.
  /// - Throws: `.unusableDigest` for one that does not serve, where there is no log either.
  static func survey(
    _ days: [DayLogs], in store: DigestStore?, partitions: Int, _ rules: RowRules
  ) throws -> [SurveyedDay] {
    var surveyed: [SurveyedDay] = []
    surveyed.reserveCapacity(days.count)
    for day in days {
      guard let store else {
        surveyed.append(SurveyedDay(logs: day, kept: nil, notice: nil))
        continue
      }
      let found = try usable(day, in: store, partitions, rules)
      surveyed.append(
        SurveyedDay(
          logs: day, kept: found.kept,
          notice: found.notice.map { DigestNotice(day: day.day, kind: $0) }))
    }
    return surveyed
  }

  /// The day's kept digest if it may serve, and what there is to say about it.
  private static func usable(
    _ day: DayLogs, in store: DigestStore, _ partitions: Int, _ rules: RowRules
  ) throws -> (kept: KeptDigest?, notice: DigestNotice.Kind?) {
    // Standard input takes the place of what is there: nobody can tell before it is read.
    if day.isStandardInput { return (nil, nil) }
    guard try store.contains(day.day) else { return (nil, nil) }
    let problem: DigestNotice.Kind
    if let (kept, record) = try store.open(day.day) {
      if let record, record.partitions != partitions {
        problem = .otherPartitions
      } else if let record, record.rules != rules.identity {
        problem = .otherRules
      } else if record == nil {
        problem = .otherFormat
      } else {
        var place = 0
        var isOfTheLogs = true
        var isStandardInput = true
        let isSound = try kept.forEachLog(store.deflate) { log in
          if isOfTheLogs {
            isOfTheLogs = try place < day.files.count ? log.isOf(day.files[place]) : false
          }
          isStandardInput = isStandardInput && log.source.isStandardInput
          place += 1
        }
        if !isSound {
          problem = .damaged
        } else if day.files.isEmpty {
          return (kept, isStandardInput ? nil : .logGone)
        } else if isOfTheLogs, place == day.files.count {
          return (kept, nil)
        } else {
          problem = .logChanged
        }
      }
    } else {
      problem = .damaged
    }
    // Without the log there is nothing to digest again.
    if day.files.isEmpty { throw StateError.unusableDigest(path: store.path(of: day.day), problem) }
    return (nil, problem)
  }
}
