import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillModel

/// Every flag of `run` can come from an environment variable.
@Suite struct SettingsTests {
  /// Runs the program with these variables and no other settings.
  private func run(
    _ arguments: [String], _ variables: [String: String]
  ) throws -> ChildProcess.Outcome {
    try ChildProcess(
      ChartmillProcess.binary.path, arguments, environment: variables.mapValues { $0 }
    ).wait()
  }

  private func settings(_ outcome: ChildProcess.Outcome) throws -> [String: Manifest.Setting] {
    struct Object: Decodable {
      struct Run: Decodable {
        let settings: [String: Manifest.Setting]
      }
      /// The object of `run --json` has its settings in here.
      let run: Run?
      /// The settings of `plan --json`.
      let settings: [String: Manifest.Setting]?
    }
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONDecoder().decode(Object.self, from: Data(outcome.output.utf8))
    return try #require(object.settings ?? object.run?.settings)
  }

  /// A valid value that is not the default, for each flag.
  private static let values: [String: String] = [
    "logs": "L", "date": "20260705", "days": "2", "require-all-days": "yes",
    "allow-missing-last-day": "true", "out": "O", "format": "csv", "per-country": "1",
    "compress": "YES", "top": "7", "max-bad-rows": "50%", "rejects": "R.gz", "repair": "yes",
    "allow-country": "XK, EU", "countries": "C", "memory": "40MiB", "threads": "3",
    "partitions": "16", "spill-dir": "S", "spill-limit": "1GiB", "state": "T", "keep-days": "9",
    "wait": "yes", "quiet": "yes", "stats": "yes", "json": "yes", "metrics": "M.prom",
    "color": "never", "report": "yes",
  ]

  @Test func everyFlagOfRunHasAVariable() throws {
    let bench = try StateBench(days: 2, rows: 200)
    let folder = bench.folder
    try folder.write("FR\nUS\n", to: "codes")
    let values = Self.values.merging([
      "logs": bench.logs, "out": bench.out, "state": bench.state,
      "countries": folder.path(of: "codes"), "rejects": folder.path(of: "r.gz"),
      "spill-dir": folder.path, "metrics": folder.path(of: "m.prom"), "max-bad-rows": "100%",
    ]) { $1 }
    #expect(Set(values.keys) == Set(RunCommand.flags.map(\.name)))
    let variables = Dictionary(
      uniqueKeysWithValues: RunCommand.flags.map { ($0.variable, values[$0.name] ?? "") })
    let made = try run(["run"], variables)
    #expect(made.errors == "")
    let used = try settings(made)
    #expect(Set(used.keys) == Set(values.keys))
    for flag in RunCommand.flags {
      let setting = try #require(used[flag.name])
      #expect(setting.source == .variable, "\(flag.name)")
      let value = flag.value == nil ? "yes" : values[flag.name]
      #expect(setting.value == value, "\(flag.name)")
    }
    // The manifest has the same settings, and the values were used.
    let published = try Published(bench.out)
    #expect(published.run.settings == used)
    #expect(published.facts.top == 7 && published.facts.partitions == 16)
    #expect(published.files["user_top7_20260705.csv.gz"] != nil)
    #expect(published.facts.totals.countries == 2)
    #expect(FileManager.default.fileExists(atPath: folder.path(of: "m.prom")))
    // `plan` shows the settings that the run used.
    #expect(try settings(run(["plan"], variables)) == used)
    // The defaults are used if no variable is set.
    let defaults = try settings(
      run(["plan", "--logs", bench.logs, "--out", bench.out, "--json"], [:]))
    for (name, setting) in defaults where !["logs", "out", "json"].contains(name) {
      #expect(setting.source == .default && setting.value != values[name], "\(name)")
    }
  }

  @Test func theFlagWins() throws {
    let bench = try StateBench(days: 2, rows: 200)
    let variables = [
      "CHARTMILL_LOGS": "none", "CHARTMILL_TOP": "x", "CHARTMILL_ALLOW_COUNTRY": "XK",
      "CHARTMILL_QUIET": "0", "CHARTMILL_MEMORY": "", "CHARTMILL_DAYS": "2",
    ]
    let plan = try run(
      ["plan", "--logs", bench.logs, "--top", "9", "--allow-country", "EU", "--json"], variables)
    let used = try settings(plan)
    let expected: [String: Manifest.Setting] = [
      "logs": .init(value: bench.logs, source: .flag), "top": .init(value: "9", source: .flag),
      "allow-country": .init(value: "EU", source: .flag),
      "quiet": .init(value: "no", source: .default),
      "memory": .init(value: "256MiB", source: .default),
      "days": .init(value: "2", source: .variable),
    ]
    for (name, setting) in expected { #expect(used[name] == setting, "\(name)") }
    // Files that are named take the place of the folder.
    let files = try settings(
      run(["plan", "--top", "9", "--json"] + bench.days.map(bench.log), variables))
    #expect(files["logs"] == .init(value: "2 files", source: .flag))
    let text = try run(["plan", "--logs", bench.logs, "--top", "9"], variables)
    let lines = text.output.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    for line in ["--top 9 flag", "--days 2 CHARTMILL_DAYS", "--format text default"] {
      #expect(lines.contains(line))
    }
  }

  @Test func aBackfillHasTheSettingsOfTheRun() throws {
    let bench = try StateBench(days: 2, rows: 200)
    let variables = [
      "CHARTMILL_LOGS": bench.logs, "CHARTMILL_OUT": bench.out, "CHARTMILL_STATE": bench.state,
      "CHARTMILL_TOP": "7", "CHARTMILL_DAYS": "1", "CHARTMILL_DATE": "20260704",
    ]
    let run = try run(["run"], variables)
    #expect(run.status == 0, "\(run.errors)")
    let backfill = try self.run(["backfill", "--from", "20260704", "--to", "20260705"], variables)
    #expect(backfill.status == 0, "\(backfill.errors)")
    #expect(backfill.output.hasPrefix("20260704 skipped: already charted\n20260705 charted: "))
    // Other commands read no settings, so that a variable cannot change what they show.
    let other = try self.run(["show", "--user", "1"], variables)
    #expect(other.status == 64)
  }

  @Test(arguments: [
    (
      "CHARTMILL_MEMORY", "10", "--memory '10' means 10 bytes, which is below the minimum of 32MiB",
      "--memory comes from the variable CHARTMILL_MEMORY.\n  Use --memory 32MiB or more: "
    ),
    (
      "CHARTMILL_KEEP_DAYS", "8", "--keep-days has no effect without --state",
      "--keep-days comes from the variable CHARTMILL_KEEP_DAYS.\n  Add --state DIR, "
    ),
    (
      "CHARTMILL_QUIET", "maybe", "CHARTMILL_QUIET 'maybe' is neither yes nor no",
      "Use CHARTMILL_QUIET=yes or CHARTMILL_QUIET=no.\n"
    ),
    (
      "CHARTMILL_COLOR", "blue", "--color 'blue' is not one of auto, always, never",
      "--color comes from the variable CHARTMILL_COLOR.\n  For example: "
    ),
  ])
  func aBadValueNamesTheVariable(
    _ name: String, _ value: String, _ problem: String, _ fix: String
  ) throws {
    let folder = try TemporaryFolder()
    for command in ["run", "plan"] {
      let failed = try run([command, "--logs", folder.path, "--out", "o"], [name: value])
      #expect(failed.errors.hasPrefix("chartmill: \(problem)\n  \(fix)"), "\(failed.errors)")
      #expect(failed.status == 64)
    }
    // The flag wins, and then the variable is not looked at.
    #expect(!(try run(["show", "--user", "1"], [name: value]).errors.contains(name)))
  }

  @Test func anUnknownVariableIsReported() throws {
    let bench = try StateBench(days: 1, rows: 100)
    let plan = ["plan", "--logs", bench.logs]
    let wrong = try run(plan, ["CHARTMILL_MEMROY": "1", "CHARTMILL_X": "1"])
    #expect(
      wrong.errors == """
        chartmill: warning: CHARTMILL_MEMROY is not a setting, and has no effect; did you mean \
        CHARTMILL_MEMORY?
        chartmill: warning: CHARTMILL_X is not a setting, and has no effect

        """)
    #expect(wrong.status == 0)
    // Only the tests and scripts of this project read these.
    let tests = ["CHARTMILL_BINARY": "a", "CHARTMILL_CODEC": "a", "CHARTMILL_SLOW": "1"]
    #expect(try run(plan, tests).errors == "")
    #expect(
      try run(["state", "--state", "x"], ["CHARTMILL_X": "1"]).errors.contains("_X") == false)
  }
}
