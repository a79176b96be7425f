import Foundation
import Testing

/// `run --metrics` writes exactly the expected lines. `scripts/tests/test-metrics` reads it with
/// Prometheus' parser.
@Suite struct MetricsTests {
  private func lines(_ folder: TemporaryFolder) throws -> [String] {
    try folder.read("run.prom").split(separator: "\n").map(String.init)
  }

  @Test func aRunWritesItsNumbers() throws {
    let folder = try TemporaryFolder()
    let book = try LogBook("1|2|FR\n1|3|DE\nbad\n")
    let run = try book.run("--max-bad-rows", "50%", "--metrics", folder.path(of: "run.prom"))
    #expect(run.status == 0, "\(run.errors)")
    let lines = try lines(folder)
    #expect(
      lines.prefix(3) == [
        "# HELP chartmill_success Whether the last run published its charts.",
        "# TYPE chartmill_success gauge", "chartmill_success 1",
      ])
    for line in [
      "chartmill_accepted_rows 2", "chartmill_bad_rows{reason=\"field count\"} 1",
      "chartmill_bad_rows{reason=\"line too long\"} 0", "chartmill_users 2",
      "chartmill_countries 2", "chartmill_missing_days 6", "chartmill_read_days 1",
      "chartmill_kept_days 0",
      // 2026-07-06 00:00 UTC.
      "chartmill_window_end_timestamp_seconds 1783296000", "chartmill_sudden_changes 0",
      "chartmill_memory_budget_bytes 268435456",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    let names = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " && $0 != "{" } }
    for name in ["memory_peak_bytes", "spill_bytes", "phase_seconds", "finish_timestamp_seconds"] {
      #expect(names.contains("chartmill_\(name)"))
    }
    #expect(try folder.names() == ["run.prom"])
  }

  /// If a feed has stopped or a folder is not mounted, the only sign is the end of the window.
  @Test func theEndOfTheWindowShowsAStoppedFeed() throws {
    let bench = try StateBench(days: 3, rows: 300)
    try bench.rollUpAll()
    for day in bench.days { try bench.removeLog(day) }
    let folder = try TemporaryFolder()
    let made = try bench.run(["--metrics", folder.path(of: "run.prom")])
    #expect(made.status == 0)
    #expect(made.errors == "")
    let lines = try lines(folder)
    for line in [
      "chartmill_success 1", "chartmill_missing_days 0", "chartmill_read_days 0",
      "chartmill_kept_days 3", "chartmill_window_end_timestamp_seconds 1783296000",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  /// The metrics of a failed run say that it failed, and when. They have no other numbers.
  @Test func aFailedRunWritesOnlyThatItFailed() throws {
    let folder = try TemporaryFolder()
    try folder.write("# HELP chartmill_success old\nold", to: "run.prom")
    let path = folder.path(of: "run.prom")
    try LogBook("bad\n").run("--metrics", path).expectFailure(65, "1 of 1 row is bad")
    let samples = try lines(folder).filter { !$0.hasPrefix("#") }
    #expect(samples.first == "chartmill_success 0")
    #expect(samples.count == 2 && samples[1].hasPrefix("chartmill_finish_timestamp_seconds 1"))
  }

  /// A metrics file that cannot be written is an error before the run begins its work.
  @Test func aFileThatCannotBeWrittenIsAnError() throws {
    let book = try LogBook("1|2|FR\n")
    try book.run("--metrics", "missing/run.prom").expectFailure(
      73, "cannot create a file in missing: ")
    let folder = try TemporaryFolder()
    try book.run("--metrics", folder.path).expectFailure(73, folder.path)
    #expect(try folder.names() == [])
  }

  /// A usage error leaves the metrics file alone, because no run has begun.
  @Test func aUsageErrorWritesNoMetrics() throws {
    let folder = try TemporaryFolder()
    let run = try LogBook("1|2|FR\n").run("--top", "0", "--metrics", folder.path(of: "run.prom"))
    #expect(run.status == 64)
    #expect(try folder.names() == [])
  }
}
