internal import ChartmillJobs
internal import ChartmillModel

/// The results of a run as one JSON object. The keys mean the same as in its manifest, which has
/// more of them.
struct RunJSON: Encodable {
  struct Totals: Encodable {
    let logs: Int
    let accepted: Int
    let rejected: Int
    let rejectedByReason: [Manifest.Tally]
    let repairedByRule: [Manifest.Tally]
    let users: Int
    let countries: Int
    let streams: Int

    init(_ totals: Manifest.Totals) {
      logs = totals.logs
      accepted = totals.accepted
      rejected = totals.rejected
      rejectedByReason = totals.rejectedByReason
      repairedByRule = totals.repairedByRule
      users = totals.users
      countries = totals.countries
      streams = totals.streams
    }
  }

  struct Output: Encodable {
    let name: String
    let bytes: Int
    let lines: Int
    let crc32: String
  }

  let date: Day
  let window: Manifest.Window
  let totals: Totals
  /// The folder of the outputs and the manifest.
  let folder: String
  let outputs: [Output]
  /// The name of the manifest.
  let manifest: String
  /// The file of bad rows; nil if they were not saved.
  let rejects: String?
  /// The path of the HTML page; nil if it was not asked for.
  let report: String?
  let run: Manifest.Run
  /// The days whose rollups were deleted, because they are older than --keep-days.
  let deletedDays: [Day]
  let warnings: [String]

  /// - Parameters:
  ///   - deletedDays: the days whose rollups were deleted.
  ///   - warnings: the lines on standard error.
  init(
    _ manifest: Manifest, of request: ChartRequest, deletedDays: [Day], report: String? = nil,
    warnings: [String]
  ) {
    self.report = report
    date = manifest.date
    window = manifest.window
    totals = Totals(manifest.totals)
    folder = request.output.folder
    outputs = manifest.outputs.map {
      Output(name: $0.name, bytes: $0.bytes, lines: $0.lines, crc32: $0.crc32)
    }
    self.manifest = OutputNames.manifest(manifest.date)
    rejects = request.rejectsFile
    run = manifest.run
    self.deletedDays = deletedDays
    self.warnings = warnings
  }
}
