package import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The calendar days of a window, and the logs that were found for them.
package struct LogWindow: Sendable, Equatable {
  let first: Day
  let last: Day
  /// The days that have logs or a kept rollup, ascending.
  package var days: [DayLogs]
  /// The days that have neither, ascending.
  var missing: [Day]
  /// The logs that are dated outside the window, but not in the future.
  var outside = NameExamples()
  /// The other names in the folder of logs that are not hidden.
  var others = NameExamples()
  /// Names that may have been meant as logs of the window.
  var overlooked: [OverlookedNames] = []

  /// Finds the logs of the days of a window.
  ///
  /// A log's date is in its name. If a file on the command line has no date in its name, it counts
  /// for the date of `end`. If `end` has no date, the window ends with the newest log or kept
  /// rollup that is not dated after `end.latest`.
  ///
  /// - Parameters:
  ///   - rules: the length of the window, and which days may be missing.
  ///   - memory: the budget in bytes; a folder with more logs than fit in it is refused.
  ///   - kept: the days that have a rollup. Their logs may be missing.
  /// - Throws: `LogError.undatedLog` for a log without a date if `end` has none either;
  ///   `MemoryTooSmall`; what `LogFolder` throws; and these cases of `WindowError`: `duplicateDay`
  ///   if a log of the window occurs twice (plain and compressed, one name in two folders, one file
  ///   by two names); `noLogs` if the window is empty; `chartsInsteadOfLogs` if the folder has a
  ///   manifest and no log; `missingDays` if all are required; `noLogOfLastDay` unless that is
  ///   allowed; `windowBeforeCalendar`.
  static func resolve(
    _ source: LogSource, _ rules: WindowRules, endingWith end: WindowEnd, memory: Int,
    kept: KeptDays? = nil
  ) throws -> LogWindow {
    let limit = end.latest
    var folder: String?
    var range: ClosedRange<Day>?
    var found = LogFolder.Contents()
    var byDay: [Day: [LogFile]] = [:]
    switch source {
    case .folder(let path):
      folder = path
      let logs = LogFolder(path: path)
      var newest = end.date
      if newest == nil {
        newest = [try logs.newestDay(notAfter: limit), kept?.newest].compactMap(\.self).max()
      }
      if let newest { range = try Day.days(rules.days, endingWith: newest) }
      found = try logs.contents(
        of: range, notAfter: limit, maxLogs: LogMemory.maxLogs(budget: memory))
      try checkFit(found, memory: memory)
      for log in found.logs { if let day = log.day { byDay[day, default: []].append(log) } }
      found.logs = []
    case .listing(let path, let name):
      folder = name
      let list = try path == "-" ? File.standardInput() : File.open(reading: path)
      (range, found) = try LogListing(list, of: name).contents(
        days: rules.days, endingWith: end.date, newest: kept?.newest, notAfter: limit,
        maxLogs: LogMemory.maxLogs(budget: memory))
      try checkFit(found, memory: memory)
      for log in found.logs { if let day = log.day { byDay[day, default: []].append(log) } }
      found.logs = []
    case .keptDays:
      folder = kept?.folder
      if let newest = end.date ?? kept?.newest {
        range = try Day.days(rules.days, endingWith: newest)
      }
    case .files, .standardInput:
      var files: [LogFile] = []
      switch source {
      case .files(let paths):
        for path in paths { files.append(try LogFile(path: path)) }
      case .standardInput(let name):
        files = [LogFile(standardInputNamed: name, mayBeEmpty: false)]
      case .folder, .listing, .keptDays: break
      }
      for log in files.sorted(by: LogFile.precedes) {
        guard let day = log.day ?? end.date else {
          throw LogError.undatedLog(path: log.path)
        }
        byDay[day, default: []].append(log)
      }
      let newest = byDay.keys.filter { day in limit.map { day <= $0 } ?? true }.max()
      if let newest = end.date ?? newest {
        range = try Day.days(rules.days, endingWith: newest)
      }
      for (day, logs) in byDay where range?.contains(day) != true {
        byDay[day] = nil
        for log in logs {
          if let limit, day > limit {
            found.future.add(log.name.utf8)
          } else {
            found.outside.add(log.name.utf8)
          }
        }
      }
    }
    if let limit, let kept {
      for day in kept.days where day > limit { found.future.add(KeptRollup.name(of: day).utf8) }
    }
    guard let range else {
      if let folder, found.holdsCharts { throw WindowError.chartsInsteadOfLogs(folder: folder) }
      throw WindowError.noLogs(folder: folder, window: nil, overlooked: found.overlooked)
    }
    if let kept {
      for day in kept.days where range.contains(day) && byDay[day] == nil { byDay[day] = [] }
    }
    if byDay.isEmpty {
      if let folder, found.holdsCharts, found.outside.count == 0 {
        throw WindowError.chartsInsteadOfLogs(folder: folder)
      }
      throw WindowError.noLogs(folder: folder, window: range, overlooked: found.overlooked)
    }
    let days = byDay.map { DayLogs(day: $0.key, files: $0.value) }.sorted { $0.day < $1.day }
    for day in days { try day.checkNothingTwice() }
    let missing = try rules.missingDays(range) { byDay[$0] != nil }
    if missing.last == range.upperBound, !rules.allowsMissingLastDay {
      throw WindowError.noLogOfLastDay(range.upperBound, folder: folder)
    }
    return LogWindow(
      first: range.lowerBound, last: range.upperBound, days: days, missing: missing,
      outside: found.outside, others: found.others, overlooked: found.overlooked)
  }

  private static func checkFit(_ found: LogFolder.Contents, memory: Int) throws {
    if found.logCount > found.logs.count {
      throw MemoryTooSmall(budget: memory, minimum: LogMemory.minBudget(logs: found.logCount))
    }
  }

  /// The path of a log of the window; nil if there is no such file, or if the log came from
  /// standard input.
  func path(ofLog name: String, _ day: Day) -> String? {
    let log = days.first { $0.day == day }?.files
      .first { $0.name.utf8.elementsEqual(name.utf8) }
    return log.flatMap { $0.isStandardInput ? nil : $0.path }
  }
}

extension LogFolder.Contents {
  fileprivate var overlooked: [OverlookedNames] {
    [OverlookedNames(.future, future), OverlookedNames(.nearMiss, nearMisses)]
      .filter { $0.names.count > 0 }
  }
}

extension WindowRules {
  /// The days of a window that are not present, ascending.
  ///
  /// - Throws: `WindowError.missingDays` if all days are required and one is missing.
  package func missingDays(_ window: ClosedRange<Day>, _ isPresent: (Day) -> Bool) throws -> [Day] {
    let missing = (window.lowerBound.daysSinceEpoch...window.upperBound.daysSinceEpoch)
      .map(Day.init(daysSinceEpoch:)).filter { !isPresent($0) }
    if requireAllDays, !missing.isEmpty { throw WindowError.missingDays(missing) }
    return missing
  }

  /// The days of a window that add no row to its charts, ascending: the days of `missing`, which
  /// have no log, and the days whose logs have no accepted row.
  ///
  /// - Throws: `WindowError.noAcceptedRows` if the window has no accepted row; `.daysWithoutRows`
  ///   if all days are required and one has none; `.noRowsOfLastDay` if the last day has none,
  ///   unless that is allowed.
  package func daysWithoutRows(
    _ window: ClosedRange<Day>, missing: [Day], _ logs: LogTotals
  ) throws -> [Day] {
    if logs.accepted == 0 { throw WindowError.noAcceptedRows(window, rejected: logs.rejected) }
    let empty = logs.days.filter { $0.accepted == 0 }
    let days = empty.map(\.day).sorted()
    if requireAllDays, !days.isEmpty { throw WindowError.daysWithoutRows(days) }
    if !allowsMissingLastDay, let last = empty.first(where: { $0.day == window.upperBound }) {
      throw WindowError.noRowsOfLastDay(last.day, rejected: last.rejected)
    }
    return (missing + days).sorted()
  }
}

extension DayLogs {
  /// Identifies the content of a log: by the stem of its name if that has a date, and otherwise by
  /// its folder and the stem. It is compared as bytes, because the names of two files can be equal
  /// in Unicode.
  private func identity(_ log: LogFile) -> [UInt8] {
    let stem = Array(LogName.stem(of: log.name).utf8)
    return log.day == nil ? log.path.utf8.dropLast(log.name.utf8.count) + stem : stem
  }

  /// Checks that no log occurs twice. Memory: 24 bytes per log, until it returns.
  ///
  /// - Throws: `WindowError.duplicateDay`.
  fileprivate func checkNothingTwice() throws {
    func checkNeighbours(_ order: [Int], _ isSame: (LogFile, LogFile) -> Bool) throws {
      for (left, right) in zip(order, order.dropFirst()) where isSame(files[left], files[right]) {
        throw WindowError.duplicateDay(day, paths: [files[left].path, files[right].path])
      }
    }
    let hashes = files.map { identity($0).hashValue }
    try checkNeighbours(files.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }) {
      identity($0) == identity($1)
    }
    let byInode = files.indices.sorted { left, right in
      (files[left].device, files[left].inode, left) < (
        files[right].device, files[right].inode, right
      )
    }
    try checkNeighbours(byInode) {
      $0.device == $1.device && $0.inode == $1.inode && !$0.isListed
    }
  }
}
