/// The calendar days a chart is of, and the logs found for them.
struct Window: Sendable, Equatable {
  let first: Day
  let last: Day
  /// Days that have logs, or a kept digest, ascending.
  var days: [DayLogs]
  /// Days without a log, ascending.
  var missing: [Day]
  /// Logs whose date is outside, by name.
  var ignored: [LogFile]

  /// Finds the logs and picks those of the `days` dates that end with `date`, or with the newest
  /// log's date. Days of `kept` have a digest and may lack their log; `newestKept` counts as a
  /// log's date. Only names say what date a log is of; a file of an explicit list whose name
  /// carries none counts for `date`.
  ///
  /// Throws `undatedLog` when there is no `date` either; `duplicateDay` when a log of the window is
  /// there twice (plain and compressed, one name in two folders, one file by two names);
  /// `noLogs` when the window is empty (of an explicit list, `folder` is empty); `missingDays` if
  /// all are required; what `LogFolder` throws.
  static func resolve(
    _ configuration: JobConfiguration, kept: [Day] = [], newestKept: Day? = nil
  ) throws(JobError) -> Window {
    let logs: [LogFile]
    let folder: String
    switch configuration.source {
    case .folder(let path):
      folder = path
      logs = try LogFolder.logs(in: path)
    case .files(let paths):
      folder = ""
      var files: [LogFile] = []
      for path in paths { files.append(try LogFile(path: path)) }
      logs = files.sorted(by: LogFile.precedes)
    case .standardInput(let name):
      folder = ""
      logs = [LogFile(standardInputNamed: name, mayBeEmpty: false)]
    case .keptDays:
      folder = configuration.stateFolder ?? ""
      logs = []
    }

    var byDay: [Day: [LogFile]] = [:]
    for log in logs {
      guard let day = log.day ?? configuration.date else { throw .undatedLog(path: log.path) }
      byDay[day, default: []].append(log)
    }
    let newest = [byDay.keys.max(), newestKept].compactMap(\.self).max()
    for day in kept where byDay[day] == nil { byDay[day] = [] }
    guard let last = configuration.date ?? newest else {
      throw .noLogs(folder: folder, window: nil)
    }
    let first = last.advanced(by: 1 - max(1, configuration.days))

    let days = byDay.filter { (first...last).contains($0.key) }
      .map { DayLogs(day: $0.key, files: $0.value) }
      .sorted { $0.day < $1.day }
    if days.isEmpty { throw .noLogs(folder: folder, window: first...last) }
    for day in days { try day.checkNothingTwice() }

    return Window(
      first: first, last: last, days: days,
      missing: try configuration.missingDays(first...last) { byDay[$0] != nil },
      ignored: logs.filter { log in
        log.day.map { !(first...last).contains($0) } ?? false
      })
  }
}

extension JobConfiguration {
  /// The days of a window that are not present, ascending. Throws `missingDays` if all are required.
  func missingDays(_ window: ClosedRange<Day>, _ isPresent: (Day) -> Bool) throws(JobError) -> [Day]
  {
    let missing = (window.lowerBound.daysSinceEpoch...window.upperBound.daysSinceEpoch)
      .map(Day.init(daysSinceEpoch:)).filter { !isPresent($0) }
    if requireAllDays, !missing.isEmpty { throw .missingDays(missing) }
    return missing
  }
}

extension DayLogs {
  /// A log's date and name say what it holds, wherever it lies; a name without a date says so only
  /// within its folder.
  private func identity(_ log: LogFile) -> String {
    log.day == nil ? String(log.path.dropLast(log.name.count)) + log.stem : log.stem
  }

  private struct FileID: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  fileprivate func checkNothingTwice() throws(JobError) {
    var byIdentity: [String: LogFile] = [:]
    var byFile: [FileID: LogFile] = [:]
    for log in files {
      let twin =
        byIdentity.updateValue(log, forKey: identity(log))
        ?? byFile.updateValue(log, forKey: FileID(device: log.device, inode: log.inode))
      if let twin { throw .duplicateDay(day, paths: [twin.path, log.path]) }
    }
  }
}
