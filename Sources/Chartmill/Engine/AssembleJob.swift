/// `chartmill assemble`: the last step of a job that ran on many machines. Counts of logs and
/// partitions become the manifest, local charts the charts of the countries.
public struct AssembleJob: Sendable {
  private let configuration: JobConfiguration

  /// - Parameter configuration: its source is not used.
  public init(_ configuration: JobConfiguration) {
    self.configuration = configuration
  }

  /// Reads, in any order, the `log` frames of all digests, and the `part` frames and local charts of
  /// all partitions, from standard input. Publishes in the output folder the manifest and every
  /// output that is not just the parts of users in the order of partitions: the charts of the
  /// countries, and, of gzip, a file of users where there is none.
  ///
  /// Time and memory: some KiB a log and a partition, and the charts of the countries.
  ///
  /// - Throws: `JobError.parts` when a part is missing or there twice, was made with other flags, or
  ///   the streams of all charts are not the accepted rows; what `ChartJob` throws of a window, of
  ///   logs that are there twice and of too many bad rows.
  public func run() throws(JobError) -> Manifest {
    let stopwatch = Stopwatch()
    let publication = try Publication(
      folder: configuration.outputFolder, waits: configuration.waitsForLock)
    let input = try JobError.writing { () throws(SystemError) in try File.standardInput() }
    let parts = try AssembledParts(
      FrameReader(input, partitions: configuration.partitions), configuration)
    let window = try window(of: parts.inputs)
    var users = try parts.joinedUsers()
    try configuration.checkBadRows(parts.inputs, rejects: nil)

    let names = OutputNames(day: window.last, top: configuration.top, configuration.encoding)
    let countries = try publication.stageCountries(parts.countryCharts, names, configuration)
    for (index, name) in [names.userCharts, names.userCountries].enumerated()
    where configuration.encoding.compresses && users[index].checksum.byteCount == 0 {
      try users[index].completeEmptyGzip(try publication.stage(name))
    }
    let work = parts.work
    var manifest = Manifest(
      configuration, window, inputs: parts.inputs, samples: parts.samples.first, users: users,
      countries: countries, usersByStreams: parts.usersByStreams,
      run: .init(
        codec: codecName, threads: work.map(\.threads).max() ?? 0,
        memoryBudget: work.map(\.memoryBudget).max() ?? 0,
        peakResident: work.map(\.peakResident).max() ?? 0,
        spillBytes: parts.digestWork.saturatedSum(\.spillBytes),
        spillRuns: parts.digestWork.saturatedSum(\.spillRuns),
        seconds: .init(digest: 0, chart: 0, publish: 0, total: 0)))
    let digest = parts.digestWork.reduce(0) { $0 + $1.seconds }
    let chart = parts.chartWork.reduce(0) { $0 + $1.seconds }
    try publication.commit(manifestName: names.manifest) {
      let publish = stopwatch.seconds
      manifest.run.seconds = .init(
        digest: digest, chart: chart, publish: publish, total: digest + chart + publish)
      return manifest.encoded()
    }
    publication.removeObsolete(of: window.last, published: Set(manifest.outputs.map(\.name)))
    return manifest
  }

  private func window(of inputs: [Manifest.Input]) throws(JobError) -> Manifest.Window {
    let days = Set(inputs.map(\.day))
    guard let last = configuration.date ?? days.max() else {
      throw .noLogs(folder: "", window: nil)
    }
    let first = last.advanced(by: 1 - configuration.days)
    if days.isEmpty { throw .noLogs(folder: "", window: first...last) }
    if let outside = inputs.first(where: { !(first...last).contains($0.day) }) {
      throw .parts(.outsideWindow(log: outside.name))
    }
    var seen: [String: String] = [:]
    for input in inputs {
      if let twin = seen.updateValue(input.name, forKey: LogName.stem(of: input.name)) {
        throw .duplicateDay(input.day, paths: [twin, input.name])
      }
    }
    return .init(
      first: first, last: last, days: configuration.days,
      missing: try configuration.missingDays(first...last) { days.contains($0) })
  }
}

/// Why parts do not make a whole.
public enum PartsProblem: Sendable, Equatable {
  case missing(PartitionJob.Records, partition: Int)
  case twice(PartitionJob.Records, partition: Int)
  /// Made with other flags: what they say, and what was expected.
  case otherFlags(found: String, expected: String)
  case outsideWindow(log: String)
  /// Local charts of countries, beside those that the parts speak of.
  case localCharts(found: Int, expected: Int)
  /// Streams in the charts of all users or countries, beside the rows that were accepted.
  case streams(PartitionJob.Records, charted: Int, accepted: Int)
}
