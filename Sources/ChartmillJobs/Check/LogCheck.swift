internal import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill check`, which reads logs without charting them.
package struct LogCheck: Sendable {
  package struct Result: Sendable {
    package let report: LogReport
    /// The errors of logs that could not be read to their end, in the order of the logs.
    package let failures: [any Error]
    /// The first day with more bad rows than a limit allows; nil if there is none.
    package let badDay: BadDay?
    /// Names that may have been meant as logs.
    package let overlooked: [OverlookedNames]
  }

  package enum Source: Sendable {
    /// The logs of a window.
    case folder(String, WindowRules, endingWith: WindowEnd)
    /// These files, whatever their names are; `-` is standard input.
    case files([String])
  }

  private let source: Source
  private let countries: CountryList
  private let maxBadRows: Share
  private let threads: Int

  /// - Parameter maxBadRows: the share of a day's rows that may be bad.
  package init(_ source: Source, countries: CountryList, maxBadRows: Share, threads: Int) {
    self.source = source
    self.countries = countries
    self.maxBadRows = maxBadRows
    self.threads = threads
  }

  /// Reads the logs. Each log is read by one worker. If a log cannot be read, the others are still
  /// read.
  ///
  /// Time: the time to read and parse the logs. Memory: about 1 MiB per worker, and a few KiB per
  /// log.
  ///
  /// - Throws: for a folder, what `LogWindow.resolve` throws; `Interrupted`.
  package func run() throws -> Result {
    let (logs, missing, overlooked, unfound) = try find()
    let reading = Reading(logs.count)
    try Workers.run(min(threads, logs.count)) { [countries] _ in
      while let index = reading.next() {
        do {
          let (log, audience) = try CheckedLog.read(logs[index], countries: countries)
          reading.end(index, log, audience)
        } catch {
          reading.end(index, failure: error)
        }
      }
    }
    try StopRequest.check()
    let (checked, failures, audience) = reading.results
    var limit = BadRowCheck(limit: maxBadRows)
    for log in checked {
      limit.add(
        log.log.path, of: log.log.day, accepted: log.tally.accepted, rejected: log.tally.rejected,
        Manifest.reasons(log.tally), samples: Manifest.samples(log.tally, of: log.log.path))
    }
    let failed = failures.map { (path: logs[$0.index].path, error: $0.error) }
    return Result(
      report: LogReport(
        checked, audience, unreadable: unfound.map(\.path) + failed.map(\.path), missing: missing,
        countries: countries),
      failures: unfound.map(\.error) + failed.map(\.error), badDay: limit.badDay(),
      overlooked: overlooked)
  }

  private func find() throws -> (
    logs: [LogFile], missing: [Day], overlooked: [OverlookedNames],
    unfound: [(path: String, error: any Error)]
  ) {
    switch source {
    case .folder(let path, let rules, let end):
      let window = try LogWindow.resolve(
        .folder(path), rules, endingWith: end, memory: Resources.defaultMemory)
      return (window.days.flatMap(\.files), window.missing, window.overlooked, [])
    case .files(let paths):
      var logs: [LogFile] = []
      var unfound: [(path: String, error: any Error)] = []
      for path in paths {
        do {
          logs.append(
            try path == LogFile.standardInputPath
              ? LogFile(standardInputNamed: path, mayBeEmpty: false) : LogFile(path: path))
        } catch {
          unfound.append((path, error))
        }
      }
      return (logs, [], [], unfound)
    }
  }
}

/// The state that the workers share: the next log, and the results so far.
private final class Reading: Sendable {
  private struct State {
    var next = 0
    var checked: [(index: Int, log: CheckedLog)] = []
    var failures: [(index: Int, error: any Error)] = []
    var audience = Audience()
  }

  private let count: Int
  private let state = Locked(State())

  init(_ count: Int) {
    self.count = count
  }

  func next() -> Int? {
    state.withLock { state in
      guard state.next < count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func end(_ index: Int, _ log: CheckedLog, _ audience: Audience) {
    state.withLock {
      $0.checked.append((index, log))
      $0.audience.merge(audience)
    }
  }

  func end(_ index: Int, failure: any Error) {
    state.withLock { $0.failures.append((index, failure)) }
  }

  /// The results in the order of the logs.
  var results: ([CheckedLog], failures: [(index: Int, error: any Error)], Audience) {
    state.withLock {
      (
        $0.checked.sorted { $0.index < $1.index }.map(\.log),
        $0.failures.sorted { $0.index < $1.index }, $0.audience
      )
    }
  }
}
