internal import ChartmillCore
internal import ChartmillJobs
package import ChartmillModel
internal import ChartmillSystem

/// The job of `chartmill assemble`: the last step of a distributed job. It makes the manifest from
/// the records of logs and partitions, and the charts of the countries from local charts.
package struct AssembleJob: Sendable {
  private let window: WindowRules
  private let end: WindowEnd
  private let rows: RowRules
  private let maxBadRows: Share
  private let charts: ChartOptions
  private let partitions: Int
  private let output: OutputOptions
  private let storedIn: String?
  private let names: UserFileNames
  private let planned: PlannedWindow?

  /// - Parameters:
  ///   - rows: the rules that all logs were rolled up with.
  ///   - maxBadRows: the share of a day's rows that may be bad. If a day has more, the job fails.
  ///   - charts: the options that all parts were made with.
  ///   - partitions: the number of partitions that all parts were made with.
  ///   - storedIn: the folder, relative to the manifest, that all files are moved to afterwards,
  ///     except parts that have names of their own; nil if they stay beside the manifest.
  ///   - planned: what the plan of the job says about kept rollups and names; nil if there is none.
  ///   - names: the names of the files of users if their parts are joined into files of these names.
  package init(
    window: WindowRules, endingWith end: WindowEnd, rows: RowRules, maxBadRows: Share,
    charts: ChartOptions, partitions: Int, output: OutputOptions, storedIn: String? = nil,
    names: UserFileNames = UserFileNames(), planned: PlannedWindow? = nil
  ) {
    self.window = window
    self.end = end
    self.rows = rows
    self.maxBadRows = maxBadRows
    self.charts = charts
    self.partitions = partitions
    self.output = output
    self.storedIn = storedIn
    self.names = names
    self.planned = planned
  }

  /// Reads the `log` frames of all rollups, and the `part` frames and local charts of all
  /// partitions, in any order from standard input. Publishes the manifest and the charts of the
  /// countries.
  ///
  /// The files of users are not published, because the caller concatenates them from the output of
  /// the partitions, or leaves them in parts that the manifest names.
  ///
  /// Memory: a few KiB per log and per partition, and the charts of the countries.
  ///
  /// - Throws: `FrameError`; `PartsError` if a part is missing, occurs twice or was made with
  ///   different flags, or if the charts do not count every accepted row; what `ChartJob` throws
  ///   about the window, duplicate logs and too many bad rows.
  package func run() throws -> Manifest {
    let stopwatch = Stopwatch()
    var publication = try Publication(folder: output.folder, waits: false)
    let input = try File.standardInput()
    let parts = try AssembledParts(
      FrameReader(input, partitions: partitions), charts, rows, keptDays: planned?.keptDays ?? [])
    let (window, logs) = try checkedLogs(of: parts)
    let users = try parts.joinedUsers()
    let userFiles = try parts.userFileNames()
    let names = OutputNames(day: window.last, top: charts.top, charts.encoding)
    let countries = try publication.stageCountries(
      parts.countryCharts, names, codes: rows.countries, charts,
      each: output.writesEachCountry, spillFolder: output.folder)
    let work = parts.work
    var manifest = Manifest(
      window, charts, partitions: partitions, rules: rows, logs: logs,
      logNotices: logs.notices { parts.inputs[$0].name }, samples: parts.samples.first,
      users: users, countries: countries, usersByStreams: parts.usersByStreams,
      run: .init(
        codec: codecName, threads: work.map(\.threads).max() ?? 0,
        memoryBudget: work.map(\.memoryBudget).max() ?? 0,
        peakResident: work.map(\.peakResident).max() ?? 0,
        spillBytes: parts.rollupWork.saturatedSum(\.spillBytes),
        spillRuns: parts.rollupWork.saturatedSum(\.spillRuns),
        seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0),
        keptDays: planned?.keptDays ?? [], notices: planned?.notices ?? [],
        overlooked: planned?.overlooked ?? []))
    if let storedIn {
      for index in manifest.outputs.indices {
        manifest.outputs[index].files = [Path.join(storedIn, manifest.outputs[index].name)]
      }
    }
    for index in 0..<2 {
      if let joined = self.names.both[index] {
        manifest.outputs[index + 1].files = [joined]
      } else if let parts = userFiles[index] {
        manifest.outputs[index + 1].files = parts
      }
    }
    let rollup = parts.rollupWork.reduce(0) { $0 + $1.seconds }
    let chart = parts.chartWork.reduce(0) { $0 + $1.seconds }
    try publication.commit(manifestName: names.manifest, of: window.last) { file in
      let publish = stopwatch.seconds
      manifest.run.seconds = .init(
        rollup: rollup, chart: chart, publish: publish, total: rollup + chart + publish)
      try file.write(manifest) { body in
        for input in parts.inputs { try body(input) }
      }
    }
    return manifest
  }

  /// Reads the `log` frames of all rollups, in any order from standard input, and checks them. A
  /// scheduler calls it when all logs are rolled up, so that bad days fail before their charts are
  /// made. Writes nothing.
  ///
  /// - Throws: what `run` throws about logs.
  package func checkLogs() throws {
    let parts = try AssembledParts(
      FrameReader(try File.standardInput(), partitions: partitions), charts, rows)
    _ = try checkedLogs(of: parts)
  }

  /// The window and the sums of the logs. Checks the window and the bad rows of each day.
  private func checkedLogs(
    of parts: AssembledParts
  ) throws -> (window: Manifest.Window, logs: LogTotals) {
    let rules = self.window
    var window = try window(of: parts.inputs)
    var logs = LogTotals(expecting: parts.inputs.count)
    var badRows = BadRowCheck(limit: maxBadRows)
    for input in parts.inputs {
      guard logs.add(input) else { throw SpillError.corrupt(path: input.name, offset: 0) }
      badRows.add(input, samples: parts.samples.first)
    }
    if let day = badRows.badDay() { throw JobError.tooManyBadRows(day) }
    let missing = window.missing
    window.missing = try rules.daysWithoutRows(
      window.first...window.last, missing: missing, logs)
    window.withoutRows = window.missing.filter { !missing.contains($0) }
    return (window, logs)
  }

  /// The window of the logs. Checks that no log occurs twice or is outside the window.
  private func window(of inputs: [Manifest.Input]) throws -> Manifest.Window {
    let days = Set(inputs.map(\.day))
    let limit = end.latest
    let newest = days.filter { day in limit.map { day <= $0 } ?? true }.max()
    guard let last = end.date ?? newest else {
      throw WindowError.noLogs(folder: nil, window: nil, overlooked: futureLogs(inputs))
    }
    let range = try Day.days(window.days, endingWith: last)
    if days.isEmpty { throw WindowError.noLogs(folder: nil, window: range) }
    if let outside = inputs.first(where: { !range.contains($0.day) }) {
      throw PartsError.outsideWindow(log: outside.name)
    }
    // Names are compared as bytes, because the names of two files can be equal in Unicode.
    var seen: [[UInt8]: String] = [:]
    for input in inputs {
      if let twin = seen.updateValue(input.name, forKey: Array(LogName.stem(of: input.name).utf8)) {
        throw WindowError.duplicateDay(input.day, paths: [twin, input.name])
      }
    }
    let missing = try window.missingDays(range) { days.contains($0) }
    if missing.last == last, !window.allowsMissingLastDay {
      throw WindowError.noLogOfLastDay(last, folder: nil)
    }
    return .init(
      first: range.lowerBound, last: last, days: window.days, missing: missing)
  }

  /// The names of all logs. If none of them can end the window, all of them are dated in the
  /// future.
  private func futureLogs(_ inputs: [Manifest.Input]) -> [OverlookedNames] {
    if inputs.isEmpty { return [] }
    var names = NameExamples()
    for input in inputs { names.add(input.name.utf8) }
    return [OverlookedNames(.future, names)]
  }
}
