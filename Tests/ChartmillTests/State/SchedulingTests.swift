import Foundation
import Testing

/// The unit files and the crontab line in `scripts/deploy`.
@Suite struct SchedulingTests {
  private static let scripts = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("scripts/deploy")
  private static let binary = "/usr/bin/chartmill"
  private static let analyze = "/usr/bin/systemd-analyze"

  private func read(_ name: String) throws -> String {
    String(
      decoding: try Data(contentsOf: Self.scripts.appendingPathComponent(name)), as: UTF8.self)
  }

  /// The values of a setting in a unit file, in order.
  private func values(_ setting: String, in unit: String) -> [String] {
    unit.split(separator: "\n").filter { $0.hasPrefix("\(setting)=") }
      .map { String($0.dropFirst(setting.count + 1)) }
  }

  /// The arguments after the program's name.
  private func arguments(_ line: String) throws -> [String] {
    let start = try #require(line.range(of: "\(Self.binary) "))
    return line[start.upperBound...].split(separator: " ").map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }
  }

  /// Runs the program with the arguments on the logs of a bench, to show that the flags are right.
  private func expectRuns(
    _ arguments: [String], _ variables: [String: String] = [:], folders: [String: String],
    _ bench: StateBench
  ) throws {
    let arguments = arguments.map { argument in
      folders.reduce(argument) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }
    #expect(!arguments.contains { $0.contains("$") })
    let made = try ChildProcess(
      ChartmillProcess.binary.path, arguments, environment: variables.mapValues { $0 }
    ).wait()
    #expect(made.status == 0, "\(made.errors)")
    // Cron has nothing to mail.
    #expect(made.output == "")
    #expect(try Published("\(bench.folder.path)/charts") == bench.expected())
  }

  @Test func theArgumentsOfTheServiceAreRight() throws {
    let bench = try StateBench(days: 7, rows: 300)
    let unit = try read("systemd/chartmill.service")
    let lines = values("ExecStart", in: unit)
    #expect(lines.count == 1)
    let environment = values("Environment", in: unit)
    #expect(
      environment == [
        "CHARTMILL_LOGS=/srv/listen-logs CHARTMILL_KEEP_DAYS=8 CHARTMILL_MEMORY=256MiB"
      ])
    #expect(values("EnvironmentFile", in: unit) == ["-/etc/default/chartmill"])
    var variables = Dictionary(
      uniqueKeysWithValues: environment[0].split(separator: " ").map { variable in
        let parts = variable.split(separator: "=")
        return (String(parts[0]), String(parts[1]))
      })
    variables["CHARTMILL_LOGS"] = bench.logs
    try expectRuns(
      try arguments(try #require(lines.first)), variables,
      folders: ["${STATE_DIRECTORY}": bench.folder.path], bench)
    // The file of settings that the package installs sets nothing.
    let settings = try read("debian/default").split(separator: "\n")
    #expect(settings.allSatisfy { $0.hasPrefix("#") })
    for name in variables.keys { #expect(settings.contains { $0.hasPrefix("#\(name)=") }) }
    // The limit of the cgroup is larger than that of the process.
    #expect(values("MemoryMax", in: unit) == ["384M"])
    for setting in ["User", "StateDirectory", "Nice", "NoNewPrivileges", "ProtectSystem"] {
      #expect(values(setting, in: unit).count == 1, "\(setting)")
    }
  }

  @Test func theCrontabLineIsRight() throws {
    let bench = try StateBench(days: 7, rows: 300)
    let lines = try read("crontab.example").split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") && !$0.hasPrefix("MAILTO=") }
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line.hasPrefix("15 4 * * * "))
    // A percent sign ends the line for cron.
    #expect(!line.contains("%"))
    try expectRuns(
      try arguments(line),
      folders: [
        "$HOME/listen-logs": bench.logs, "$HOME/charts": "\(bench.folder.path)/charts",
        "$HOME/chartmill-state": bench.state,
      ], bench)
  }

  @Test func theTimerIsDailyAndMakesUpForMissedRuns() throws {
    let timer = try read("systemd/chartmill.timer")
    #expect(values("Persistent", in: timer) == ["true"])
    #expect(values("WantedBy", in: timer) == ["timers.target"])
    #expect(values("OnCalendar", in: timer) == ["*-*-* 04:15:00"])
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: analyze)))
  func systemdFindsNothingWrong() throws {
    let folder = try TemporaryFolder()
    for name in ["chartmill.service", "chartmill.timer"] {
      // The program does not have to be installed, and the logs do not have to exist.
      try folder.write(
        try read("systemd/\(name)").replacingOccurrences(
          of: Self.binary, with: ChartmillProcess.binary.path),
        to: name)
    }
    try folder.write("", to: "said")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.analyze)
    process.arguments = [
      "verify", "--man=no", folder.path(of: "chartmill.service"),
      folder.path(of: "chartmill.timer"),
    ]
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: folder.path(of: "said")))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    // `systemd-analyze` succeeds although it warns of unknown settings.
    let said = try folder.read("said").split(separator: "\n").filter { $0.contains("chartmill") }
    #expect(said == [])
  }
}
