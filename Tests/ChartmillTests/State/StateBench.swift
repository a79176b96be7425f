import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// Logs, a state folder and an output folder, with methods that run the real program on them.
final class StateBench {
  static let last = "20260705"

  let folder: TemporaryFolder
  let days: [Day]

  var logs: String { folder.path(of: "logs") }
  var state: String { folder.path(of: "state") }
  var out: String { folder.path(of: "out") }
  private var outFolders = 0

  /// Makes logs of the `days` days that end with `last`. Some of their rows are bad.
  init(days: Int = 3, rows: Int = 1500, users: Int = 200, last: String = StateBench.last) throws {
    folder = try TemporaryFolder()
    let lastDay = try #require(Day(yyyymmdd: last))
    self.days = (0..<days).map { lastDay.advanced(by: $0 + 1 - days) }
    try synthesize(days: days, rows: rows, users: users, last: last, seed: 1, to: logs)
  }

  private func synthesize(
    days: Int, rows: Int, users: Int, last: String, seed: Int, to path: String
  ) throws {
    let made = try ChartmillProcess.run(
      "synth", "--out", path, "--days", "\(days)", "--rows", "\(rows)", "--users", "\(users)",
      "--songs", "2000", "--bad-rows", "20000", "--seed", "\(seed)", "--date", last, "--gzip",
      "--quiet")
    try #require(made.status == 0, "\(made.errors)")
  }

  func log(_ day: Day) -> String { "\(logs)/listen-\(day).log.gz" }
  func rollup(of day: Day) -> String { "\(state)/\(KeptRollup.name(of: day))" }

  /// Replaces the log of a day.
  func replaceLog(_ day: Day, seed: Int, rows: Int = 1500, users: Int = 200) throws {
    let other = folder.path(of: "other-\(day)-\(seed)")
    try synthesize(
      days: 1, rows: rows, users: users, last: "\(day)", seed: seed, to: other)
    try? FileManager.default.removeItem(atPath: log(day))
    try FileManager.default.moveItem(
      atPath: "\(other)/listen-\(day).log.gz", toPath: log(day))
  }

  func removeLog(_ day: Day) throws {
    try FileManager.default.removeItem(atPath: log(day))
  }

  func newOut() -> String {
    outFolders += 1
    return folder.path(of: "out-\(outFolders)")
  }

  /// `chartmill run` over all days.
  func run(_ flags: [String] = [], state: Bool = true, out: String? = nil) throws
    -> ChartmillProcess
  {
    try ChartmillProcess.run(arguments(flags, state: state, out: out))
  }

  func arguments(_ flags: [String] = [], state: Bool = true, out: String? = nil) -> [String] {
    ["run", "--logs", logs, "--out", out ?? self.out, "--quiet"]
      + (flags.contains("--days") ? [] : ["--days", "\(days.count)"])
      + (flags.contains("--threads") ? [] : ["--threads", "2"])
      + (state ? ["--state", self.state] : []) + flags
  }

  func rollUp(_ flags: [String] = []) throws -> ChartmillProcess {
    try ChartmillProcess.run(
      ["rollup", "--logs", logs, "--state", state, "--quiet"]
        + (flags.contains("--date") ? [] : ["--days", "\(days.count)"])
        + (flags.contains("--threads") ? [] : ["--threads", "2"]) + flags)
  }

  func rollUpAll(_ flags: [String] = []) throws {
    let made = try rollUp(flags)
    try #require(made.status == 0, "\(made.errors)")
  }

  /// The charts of a run without a state folder.
  func expected(_ flags: [String] = []) throws -> Published {
    let out = newOut()
    let made = try run(flags, state: false, out: out)
    try #require(made.status == 0, "\(made.errors)")
    return try Published(out)
  }

  /// Runs with the state folder and checks that the charts are `expected`.
  @discardableResult
  func expectRun(
    _ flags: [String] = [], gives expected: Published, label: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (published: Published, errors: String) {
    let out = newOut()
    let made = try run(flags, out: out)
    try #require(
      made.status == 0, "\(label) \(made.status): \(made.errors)", sourceLocation: sourceLocation)
    let published = try Published(out)
    #expect(published == expected, "\(label)", sourceLocation: sourceLocation)
    try FileManager.default.removeItem(atPath: out)
    return (published, made.errors)
  }

  /// Runs with the state folder and checks that the run fails with code 65 and without charts.
  @discardableResult
  func expectFailure(
    _ flags: [String] = [], label: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ChartmillProcess {
    let out = newOut()
    let made = try run(flags, out: out)
    #expect(
      made.status == 65, "\(label) \(made.status): \(made.errors)",
      sourceLocation: sourceLocation)
    #expect(made.errors.hasPrefix("chartmill: "), "\(label)", sourceLocation: sourceLocation)
    #expect(try names(in: out) == [], "\(label)", sourceLocation: sourceLocation)
    return made
  }

  /// Checks that no temporary file of a run is left in the state folder or the output folder.
  func expectNothingStray(_ label: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let stray = try (names(in: state) + names(in: out)).filter { $0.hasPrefix(".chartmill-") }
    #expect(stray == [], "\(label)", sourceLocation: sourceLocation)
  }
}

/// All names in a folder, including hidden ones, sorted. A missing folder has none.
func names(in path: String) throws -> [String] {
  guard FileManager.default.fileExists(atPath: path) else { return [] }
  return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

/// The outputs of a run. Two values are equal if the charts have the same bytes and the manifests
/// differ only in the key `run`.
struct Published: Equatable, CustomTestStringConvertible {
  let files: [String: Data]
  let facts: Manifest
  let run: Manifest.Run

  init(_ out: String, date: Day? = nil) throws {
    var files: [String: Data] = [:]
    var manifest: Manifest?
    for name in try names(in: out) {
      if let date, !name.contains("_\(date).") { continue }
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)"))
      if name.hasPrefix("manifest_") {
        manifest = try JSONDecoder().decode(Manifest.self, from: data)
      } else {
        files[name] = data
      }
    }
    var facts = try #require(manifest)
    run = facts.run
    facts.run = .init(
      codec: "", threads: 0, memoryBudget: 0, peakResident: 0, spillBytes: 0, spillRuns: 0,
      seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0))
    self.facts = facts
    self.files = files
    for output in facts.outputs { #expect(files[output.name]?.count == output.bytes) }
  }

  static func == (left: Published, right: Published) -> Bool {
    left.files == right.files && left.facts == right.facts
  }

  var testDescription: String {
    files.sorted { $0.key < $1.key }.map { name, bytes in
      var checksum = Checksum()
      bytes.withUnsafeBytes { checksum.append($0) }
      return "\(name) \(bytes.count) \(checksum.hex)"
    }.joined(separator: ", ")
      + ", \(facts.totals.accepted) rows, \(facts.inputs.map { "\($0.name) \($0.bytes)" })"
  }

  func notices(_ kind: RollupNotice.Kind) -> [Day] {
    run.notices.filter { $0.kind == kind }.map(\.day)
  }
}
