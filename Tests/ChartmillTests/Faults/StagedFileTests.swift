import Foundation
import Testing

@testable import ChartmillSystem

/// After faults in a run with `--rejects` and `--metrics`, each of these files is the old one or a
/// complete new one, and no temporary file is left.
@Suite(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
struct StagedFileTests {
  private let bench: FaultBench
  private let folder: TemporaryFolder
  /// The rejected rows of a run without a fault.
  private let rejects: Data
  /// The contents of the files before the run.
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

  /// - Parameter isNew: nil if the run was killed, so that the files may be old or new.
  private func expectCompleteFiles(isNew: Bool?, _ fault: String) throws {
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

  @Test func aFailedCallLeavesCompleteFiles() throws {
    let count = try #require(bench.countCalls()["any"])
    var random = SeededGenerator(seed: 31)
    // The last calls publish the files.
    let last = Array(max(1, count - 70)...count)
    for nth in last + (1...count).shuffled(using: &random).prefix(runsSlowTests ? .max : 40) {
      for errno in [EIO, ENOSPC] {
        try reset()
        let fault = FaultLibrary.Fault(nth: nth, action: .error(errno))
        let outcome = try bench.start(fault).wait()
        #expect([0, 66, 73, 74].contains(outcome.status), "\(fault): \(outcome.errors)")
        try expectCompleteFiles(isNew: outcome.status == 0, "\(fault)")
        if outcome.status == 0 { try bench.expectNew("\(fault)") }
        // The next run removes a file that could not be unlinked.
        if try bench.strays() != [] { try bench.expectRecovery("\(fault)") }
      }
    }
  }

  @Test func aKillLeavesCompleteFiles() throws {
    let count = try #require(bench.countCalls()["any"])
    for nth in max(1, count - 70)...count {
      try reset()
      let fault = FaultLibrary.Fault(nth: nth, action: .signal(SIGKILL))
      // The threads do not always make the same number of calls, so a run may have fewer.
      let status = try bench.start(fault).wait().status
      #expect([0, 128 + SIGKILL].contains(status), "\(fault)")
      try expectCompleteFiles(isNew: nil, "\(fault)")
      try bench.expectRecovery("\(fault)")
      try expectCompleteFiles(isNew: true, "\(fault)")
    }
  }
}
