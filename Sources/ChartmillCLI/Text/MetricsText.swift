internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillText

/// The metrics of a run in the text format of Prometheus. For a run that failed, the metrics say
/// only that it failed, and when.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct MetricsText {
  private(set) var text = ""

  /// - Parameters:
  ///   - manifest: nil if the run failed.
  ///   - finish: seconds since 1970.
  init(_ manifest: Manifest?, finish: Int) {
    add("success", "Whether the last run published its charts.", manifest == nil ? "0" : "1")
    if let manifest { add(manifest) }
    add("finish_timestamp_seconds", "When the last run ended, in seconds since 1970.", "\(finish)")
  }

  private mutating func add(_ manifest: Manifest) {
    let (totals, run) = (manifest.totals, manifest.run)
    add("accepted_rows", "Accepted rows in the window.", "\(totals.accepted)")
    add(
      "bad_rows", "Bad rows in the window.", by: "reason",
      totals.rejectedByReason.map { ($0.name, "\($0.rows)") })
    add("users", "Users with a chart.", "\(totals.users)")
    add("countries", "Countries with a chart.", "\(totals.countries)")
    add(
      "window_end_timestamp_seconds", "Midnight UTC at the end of the window's last day.",
      "\(manifest.window.last.endSecondsSinceEpoch)")
    add("read_days", "Days of the window whose logs were read.", "\(manifest.readDays)")
    add("kept_days", "Days of the window whose kept rollups were used.", "\(run.keptDays.count)")
    add(
      "missing_days", "Days of the window without accepted rows.",
      "\(manifest.window.missing.count)")
    add(
      "sudden_changes", "Warnings about sudden changes on the last day.",
      "\(run.changes.count)")
    add("memory_peak_bytes", "Peak memory of the process (resident set).", "\(run.peakResident)")
    add("memory_budget_bytes", "Memory limit of the process (--memory).", "\(run.memoryBudget)")
    add("spill_bytes", "Size of all spill files.", "\(run.spillBytes)")
    add(
      "phase_seconds", "Duration of each phase.", by: "phase",
      [
        ("rollup", decimal(run.seconds.rollup, 3)), ("chart", decimal(run.seconds.chart, 3)),
        ("publish", decimal(run.seconds.publish, 3)),
      ])
  }

  private mutating func add(_ name: String, _ help: String, _ value: String) {
    begin(name, help)
    text += "chartmill_\(name) \(value)\n"
  }

  private mutating func add(
    _ name: String, _ help: String, by label: String, _ values: [(String, String)]
  ) {
    begin(name, help)
    for (key, value) in values { text += "chartmill_\(name){\(label)=\"\(key)\"} \(value)\n" }
  }

  private mutating func begin(_ name: String, _ help: String) {
    text += "# HELP chartmill_\(name) \(help)\n# TYPE chartmill_\(name) gauge\n"
  }
}
