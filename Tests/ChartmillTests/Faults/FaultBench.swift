import Foundation
import Testing

@testable import ChartmillModel

/// CHARTMILL_SLOW=1 runs the tests that take minutes.
let runsSlowTests = ProcessInfo.processInfo.environment["CHARTMILL_SLOW"] == "1"

/// Logs, the outputs of an earlier run of the same date, and the outputs that an undisturbed run
/// gives. Runs with an injected fault are compared with both.
final class FaultBench {
  private let folder: TemporaryFolder
  var logs: String { folder.path(of: "logs") }
  var out: String { folder.path(of: "out") }
  var spills: String { folder.path(of: "spills") }
  let old: Outputs
  let new: Outputs
  /// The flags of every run after `run --logs … --out …`. A test whose runs have more folders, such
  /// as a state folder, adds their flags here and their paths to `foldersToKeepClean`.
  var flags: [String]
  var foldersToKeepClean: [String]

  /// Every published file by name. The manifest is stripped of the parts that depend on the run.
  struct Outputs: Equatable {
    var files: [String: Data] = [:]
    var manifest: Manifest?

    init(folder: String) throws {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder)
      where !name.hasPrefix(".") {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        if name.hasPrefix("manifest_") {
          manifest = try Manifest(json: Array(data))
          manifest?.run = .init(
            version: "", codec: "", threads: 0, memoryBudget: 0, peakResident: 0, spillBytes: 0,
            spillRuns: 0, seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0))
        } else {
          files[name] = data
        }
      }
    }
  }

  static var binary: String { ChartmillProcess.binary.path }

  /// - Parameter rows: the rows per day. There are three days.
  init(rows: Int, users: Int, threads: Int = 1, memory: String = "32MiB") throws {
    folder = try TemporaryFolder()
    flags = ["--threads", "\(threads)", "--memory", memory, "--days", "3"]
    foldersToKeepClean = []
    for (seed, logs, out) in [(1, "old-logs", "old"), (2, "logs", "new")] {
      try Self.succeed([
        "synth", "--out", folder.path(of: logs), "--rows", "\(rows)", "--users", "\(users)",
        "--songs", "\(max(rows / 4, 10))", "--days", "3", "--seed", "\(seed)", "--gzip",
        "--bad-rows", "20000", "--quiet",
      ])
      // One log is plain text, which is read differently.
      try Self.gunzip(folder.path(of: "\(logs)/listen-20260704.log.gz"))
      try Self.succeed(
        ["run", "--logs", folder.path(of: logs), "--out", folder.path(of: out)] + flags)
    }
    old = try Outputs(folder: folder.path(of: "old"))
    new = try Outputs(folder: folder.path(of: "new"))
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "spills"), withIntermediateDirectories: false)
    foldersToKeepClean = [out, spills, logs]
    try reset()
  }

  /// Makes all later runs keep rollups in a state folder, which is empty at first.
  func keepRollups() throws {
    let state = folder.path(of: "state")
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
    flags += ["--state", state]
    foldersToKeepClean.append(state)
    self.state = state
  }

  private var state: String?

  /// Restores the old outputs and removes everything else.
  func reset() throws {
    let files = FileManager.default
    if let state {
      try files.removeItem(atPath: state)
      try files.createDirectory(atPath: state, withIntermediateDirectories: false)
    }
    if files.fileExists(atPath: out) { try files.removeItem(atPath: out) }
    try files.copyItem(atPath: folder.path(of: "old"), toPath: out)
  }

  var arguments: [String] {
    ["run", "--logs", logs, "--out", out, "--spill-dir", spills] + flags
  }

  /// Starts a run that replaces the old outputs.
  func start(_ fault: FaultLibrary.Fault? = nil, shell: String? = nil) throws -> ChildProcess {
    try ChildProcess(
      Self.binary, arguments, environment: fault?.environment ?? [:], shell: shell)
  }

  /// The number of system calls of a run without a fault, by name. `any` is their sum.
  func countCalls() throws -> [String: Int] {
    try reset()
    let outcome = try start(.init(action: .count(into: countsFile))).wait()
    try #require(outcome.status == 0, "\(outcome.errors)")
    try reset()
    return try countedCalls()
  }

  /// The file that gets the number of calls of a run.
  var countsFile: String { folder.path(of: "counts") }

  /// The numbers of calls in `countsFile`, by name.
  func countedCalls() throws -> [String: Int] {
    try folder.read("counts").split(separator: "\n").reduce(into: [:]) { result, line in
      let words = line.split(separator: " ")
      result[String(words[0])] = Int(words[1])
    }
  }

  /// The hidden files that runs left in their folders. There must be none.
  func strays() throws -> [String] {
    try foldersToKeepClean.flatMap { path in
      try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { $0.hasPrefix(".") }.map { "\(path)/\($0)" }
    }
  }

  func verify() throws -> ChildProcess.Outcome {
    try ChildProcess(Self.binary, ["verify", "--charts", out]).wait()
  }

  /// Checks that after a fault, a run without one gives the right bytes and cleans up.
  func expectRecovery(_ fault: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let outcome = try start().wait()
    #expect(
      outcome.status == 0, "after \(fault): \(outcome.errors)", sourceLocation: sourceLocation)
    try expectNew(fault, sourceLocation: sourceLocation)
    let left = try strays()
    #expect(left == [], "after \(fault)", sourceLocation: sourceLocation)
  }

  func expectNew(_ fault: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let isNew = try Outputs(folder: out) == new
    #expect(isNew, "\(fault): not the outputs of a whole run", sourceLocation: sourceLocation)
  }

  func expectOld(_ fault: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let isOld = try Outputs(folder: out) == old
    #expect(isOld, "\(fault): the old outputs are not intact", sourceLocation: sourceLocation)
  }

  /// Checks how a run ended that was not killed: with code 0 and the new outputs, or with one of
  /// `codes`, a message that names a file, and the old outputs. In both cases, no other file is
  /// left.
  func expectAllOrNothing(
    _ outcome: ChildProcess.Outcome, codes: Set<Int32>, mayLeave: Bool = false, _ fault: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if outcome.status == 0 {
      try expectNew(fault, sourceLocation: sourceLocation)
    } else {
      #expect(
        codes.contains(outcome.status), "\(fault): exit \(outcome.status): \(outcome.errors)",
        sourceLocation: sourceLocation)
      let namesAFile =
        outcome.errors.contains(folder.path) || outcome.errors.contains("bytes of memory")
        || outcome.errors.contains("worker")
      #expect(
        outcome.errors.hasPrefix("chartmill: ") && namesAFile,
        "\(fault): \(outcome.errors)", sourceLocation: sourceLocation)
      try expectOld(fault, sourceLocation: sourceLocation)
    }
    let left = try strays()
    if mayLeave, !left.isEmpty {
      try expectRecovery(fault, sourceLocation: sourceLocation)
    } else {
      #expect(left == [], "\(fault)", sourceLocation: sourceLocation)
    }
  }

  private static func succeed(_ arguments: [String]) throws {
    let outcome = try ChildProcess(binary, arguments + ["--quiet"]).wait()
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  private static func gunzip(_ path: String) throws {
    let outcome = try ChildProcess("/bin/gunzip", [path]).wait()
    try #require(outcome.status == 0, "\(outcome.errors)")
  }
}
