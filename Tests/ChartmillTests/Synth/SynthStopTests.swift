import Foundation
import Testing

/// A file with the name of a log is complete, however `synth` ends.
@Suite(.serialized) struct SynthStopTests {
  @Test(arguments: [SIGINT, SIGTERM], [[], ["--gzip"]])
  func aStoppedSynthLeavesCompleteLogs(_ signal: Int32, _ flags: [String]) throws {
    let folder = try TemporaryFolder()
    let out = folder.path(of: "logs")
    // There are far more days than any machine can write before the signal.
    let arguments =
      ["synth", "--out", out, "--rows", "1000000", "--days", "300", "--quiet"] + flags
    let child = try ChildProcess(ChartmillProcess.binary.path, arguments)
    try #require(try child.waits { try !completeLogs(in: out).isEmpty })
    child.signal(signal)
    let outcome = child.wait()
    #expect(outcome.status == 128 + signal, "\(outcome.errors)")
    #expect(outcome.errors.contains("; incomplete logs were removed"))
    for name in try FileManager.default.contentsOfDirectory(atPath: out) {
      // The logs that are left have all their rows.
      let text = try Tool.run("sh", "-c", "gzip -dcf '\(out)/\(name)' | wc -l").output
      #expect(String(decoding: text, as: UTF8.self).contains("1000000"), "\(name)")
    }
  }

  @Test func aKilledSynthLeavesCompleteLogs() throws {
    let out = try TemporaryFolder()
    let days = ["--days", "300", "--quiet"]
    let child = try ChildProcess(
      ChartmillProcess.binary.path, ["synth", "--out", out.path, "--rows", "1000000"] + days)
    try #require(try child.waits { try !completeLogs(in: out.path).isEmpty })
    child.signal(SIGKILL)
    #expect(child.wait().status == 128 + SIGKILL)
    for name in try completeLogs(in: out.path) {
      let text = try Tool.run("sh", "-c", "wc -l < '\(out.path)/\(name)'").output
      #expect(String(decoding: text, as: UTF8.self).contains("1000000"), "\(name)")
      try FileManager.default.removeItem(atPath: out.path(of: name))
    }
    // The next `synth` removes what the killed one left for the same days.
    let again = try ChartmillProcess.run(["synth", "--out", out.path, "--rows", "10"] + days)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try out.names().count == 300)
    #expect(try completeLogs(in: out.path).count == 300)
  }

  /// The names of the logs in `folder`, which may not exist yet.
  private func completeLogs(in folder: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("listen-") }
  }

  @Test func anExistingLogIsFoundBeforeAnyIsWritten() throws {
    let out = try TemporaryFolder()
    try out.write("mine", to: "listen-20260704.log")
    let synth = try ChartmillProcess.run("synth", "--out", out.path, "--rows", "10")
    #expect(synth.status == 73)
    #expect(synth.errors.contains("listen-20260704.log: this log already exists"))
    #expect(try out.names() == ["listen-20260704.log"])
    #expect(try out.read("listen-20260704.log") == "mine")
  }

  @Test(.enabled(if: Tmpfs.canMount, "needs root"))
  func aFullDiskLeavesNoLogs() throws {
    let disk = try Tmpfs(kibibytes: 256)
    let synth = try ChartmillProcess.run(
      "synth", "--out", disk.path, "--rows", "1000000", "--days", "2")
    #expect(synth.status == 74, "\(synth.errors)")
    #expect(synth.errors.contains("Incomplete logs were removed. Free some space.\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
  }
}
