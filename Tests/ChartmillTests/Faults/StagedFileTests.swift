import Foundation
import Testing

@testable import ChartmillSystem

/// A run with `--rejects` and `--metrics` under faults: each file is the old one or a whole one, and
/// nothing is left beside it.
@Suite(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
struct StagedFileTests {
  private let bench: FaultBench
  private let folder: TemporaryFolder
  /// Of a run without a fault.
  private let rejects: Data
  /// What was there before: files of the same kinds.
  private let oldRejects = Data(
    Array("listen-20260701.log\t1\tblank\t\n".utf8).withUnsafeBytes(GzipMember.stored))
  private let oldMetrics = "# HELP chartmill_success old\nold"

  init() throws {
    bench = try FaultBench(rows: 300, users: 60)
    folder = try TemporaryFolder()
    bench.flags += [
      "--rejects", folder.path(of: "rejects.gz"), "--metrics", folder.path(of: "run.prom"),
    ]
    bench.foldersToKeepClean.append(folder.path)
    let outcome = try bench.start().wait()
    try #require(outcome.status == 0, "\(outcome.errors)")
    rejects = try Self.data(folder.path(of: "rejects.gz"))
  }

  private static func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  private func reset() throws {
    try bench.reset()
    try oldRejects.write(to: URL(fileURLWithPath: folder.path(of: "rejects.gz")))
    try folder.write(oldMetrics, to: "run.prom")
  }

  /// - Parameter isNew: nil when the run cannot be asked how it ended.
  private func expectWholeFiles(isNew: Bool?, _ fault: String) throws {
    let found = try Self.data(folder.path(of: "rejects.gz"))
    let metrics = try folder.read("run.prom")
    let says = metrics.split(separator: "\n").first { $0.hasPrefix("chartmill_success ") }
    let isWhole =
      metrics.contains("\nchartmill_finish_timestamp_seconds ") && metrics.hasSuffix("\n")
    if isNew == true {
      #expect(found == rejects, "\(fault)")
      #expect(says == "chartmill_success 1" && isWhole, "\(fault): \(metrics)")
    } else {
      #expect(found == rejects || found == oldRejects, "\(fault)")
      #expect(metrics == oldMetrics || isWhole, "\(fault): \(metrics)")
    }
  }

  @Test func aCallFails() throws {
    let count = try #require(bench.countCalls()["any"])
    var random = SeededGenerator(seed: 31)
    // The last ones are the publications.
    let last = Array(max(1, count - 70)...count)
    for nth in last + (1...count).shuffled(using: &random).prefix(runsSlowTests ? .max : 40) {
      for errno in [EIO, ENOSPC] {
        try reset()
        let fault = FaultLibrary.Fault(nth: nth, action: .error(errno))
        let outcome = try bench.start(fault).wait()
        #expect([0, 66, 73, 74].contains(outcome.status), "\(fault): \(outcome.errors)")
        try expectWholeFiles(isNew: outcome.status == 0, "\(fault)")
        if outcome.status == 0 { try bench.expectNew("\(fault)") }
        // What cannot be unlinked is the next run's to remove.
        if try bench.strays() != [] { try bench.expectRecovery("\(fault)") }
      }
    }
  }

  @Test func aKill() throws {
    let count = try #require(bench.countCalls()["any"])
    for nth in max(1, count - 70)...count {
      try reset()
      let fault = FaultLibrary.Fault(nth: nth, action: .signal(SIGKILL))
      // Threads take turns in other ways each time, so a run may have a call or two less.
      let status = try bench.start(fault).wait().status
      #expect([0, 128 + SIGKILL].contains(status), "\(fault)")
      try expectWholeFiles(isNew: nil, "\(fault)")
      try bench.expectRecovery("\(fault)")
      try expectWholeFiles(isNew: true, "\(fault)")
    }
  }
}
