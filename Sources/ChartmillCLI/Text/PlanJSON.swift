internal import ChartmillJobs
internal import ChartmillModel

/// A plan as one JSON object. Keys that a manifest also has mean the same in both.
struct PlanJSON: Encodable {
  struct Window: Encodable {
    let first: Day
    let last: Day
    let days: Int
    /// The days that have neither a log nor a kept rollup.
    let missing: [Day]
  }

  /// A log that a run would read.
  struct Input: Encodable {
    let name: String
    let day: Day
    let reading: Manifest.Input.Reading
    let bytes: Int
    /// Milliseconds since 1970; nil if a listing does not give the time.
    let modified: Int?
  }

  /// A file that a run would write.
  struct Output: Encodable {
    let name: String
  }

  /// Estimates from the sizes of the logs.
  struct Estimate: Encodable {
    let rows: Int
    let segments: Int
    let spillBytes: Int
    let outputBytes: Int
  }

  struct Disk: Encodable {
    let folders: [String]
    let bytes: Int
    /// Nil if the file system does not report it.
    let freeBytes: Int?
    let verdict: String
  }

  let date: Day
  let window: Window
  /// Empty here; see `write`.
  let inputs: [Input] = []
  let partitions: Int
  let rules: String
  /// The number in the records of rollups that `--kept` accepts.
  let rollupFormat = StoredRollups.format
  let outputs: [Output]
  /// The name of the manifest.
  let manifest: String
  let keptDays: [Day]
  let notices: [RollupNotice]
  /// The days whose rollups are to be removed because of `--keep-days`.
  let obsoleteDays: [Day]
  let outsideWindow: NameExamples
  let otherNames: NameExamples
  let overlooked: [OverlookedNames]
  let estimate: Estimate
  /// The parts of `--memory`, in bytes.
  let memory: MemoryPlan
  let disks: [Disk]
  /// The values of the flags, and where they come from.
  let settings: [String: Manifest.Setting]
  /// Whether a run would start. If not, the exit code is the one of that run.
  let fits: Bool

  init(_ plan: JobPlan, _ settings: [String: Manifest.Setting], fits: Bool) {
    date = plan.last
    window = Window(
      first: plan.first, last: plan.last, days: plan.days.count + plan.missing.count,
      missing: plan.missing)
    partitions = plan.partitions
    rules = plan.rules
    notices = plan.notices
    obsoleteDays = plan.obsoleteDays
    let names = OutputNames(day: plan.last, top: plan.top, plan.charts.encoding)
    outputs = [names.countryCharts, names.userCharts, names.userCountries].map(Output.init)
    manifest = names.manifest
    keptDays = plan.days.filter(\.isKept).map(\.day)
    outsideWindow = plan.outsideWindow
    otherNames = plan.otherNames
    overlooked = plan.overlooked
    estimate = Estimate(
      rows: plan.rows, segments: plan.segments, spillBytes: plan.spillBytes,
      outputBytes: plan.outputBytes)
    memory = plan.memory
    disks = plan.disks.map { disk in
      Disk(
        folders: disk.folders, bytes: disk.bytes, freeBytes: disk.freeBytes,
        verdict: plan.spillLimit == nil ? disk.verdict.rawValue : "not checked")
    }
    self.settings = settings
    self.fits = fits
  }

  /// Prints the object with the logs of `plan` as its inputs.
  func write(logsOf plan: JobPlan) throws {
    let inputs = plan.days.lazy.filter { !$0.isKept }.flatMap { day in
      day.logs.lazy.map { log in
        Input(
          name: log.name, day: day.day, reading: log.isGzip ? .gzip : .text, bytes: log.byteCount,
          modified: log.modified)
      }
    }
    try JSONLine.write(self, filling: "inputs", with: inputs)
  }
}
