import Foundation
import Testing

@testable import ChartmillModel

/// `--json` of the commands that make charts: the same keys and values as in the manifest.
@Suite struct RunJSONTests {
  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
  }

  private func manifest(_ date: some CustomStringConvertible, in out: String) throws
    -> [String: Any]
  {
    try object(
      String(contentsOfFile: "\(out)/manifest_\(date).json", encoding: .utf8))
  }

  private func expectEqual(
    _ left: Any?, _ right: Any?, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let values = try [left, right].map {
      try JSONSerialization.data(
        withJSONObject: #require($0), options: [.sortedKeys, .fragmentsAllowed])
    }
    #expect(values[0] == values[1], sourceLocation: sourceLocation)
  }

  /// Checks an object against the manifest of its date.
  private func expect(_ object: [String: Any], describes out: String) throws {
    let date = try #require(object["date"] as? String)
    let manifest = try manifest(date, in: out)
    for key in ["date", "window", "run"] { try expectEqual(object[key], manifest[key]) }
    let totals = try #require(object["totals"] as? [String: Any])
    let published = try #require(manifest["totals"] as? [String: Any])
    for (key, value) in totals { try expectEqual(value, published[key]) }
    #expect(
      Set(published.keys).subtracting(totals.keys)
        == ["samples", "usersByStreams", "streamsByCountry"])
    #expect(object["folder"] as? String == out)
    #expect(object["manifest"] as? String == "manifest_\(date).json")
    let outputs = try #require(object["outputs"] as? [[String: Any]])
    let files = try #require(manifest["outputs"] as? [[String: Any]])
    #expect(outputs.count == files.count && !outputs.isEmpty)
    for (output, file) in zip(outputs, files) {
      for (key, value) in output { try expectEqual(value, file[key]) }
      #expect(output["name"] != nil)
    }
  }

  @Test func aRunPrintsWhatItsManifestSays() throws {
    let bench = try StateBench(days: 4, rows: 300)
    try bench.rollUpAll()
    try bench.replaceLog(bench.days[2], seed: 4, rows: 300)
    let made = try bench.run([
      "--json", "--days", "2", "--keep-days", "2", "--rejects", "\(bench.folder.path)/bad.gz",
    ])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.filter { $0 == "\n" }.count == 1)
    let object = try object(made.output)
    try expect(object, describes: bench.out)
    #expect(object["deletedDays"] as? [String] == bench.days[..<2].map(\.description))
    #expect(object["rejects"] as? String == "\(bench.folder.path)/bad.gz")
    // The warnings are also on standard error.
    let warnings = try #require(object["warnings"] as? [String])
    #expect(warnings.count == 1 && warnings[0].hasPrefix("\(bench.days[2]): the log changed"))
    #expect(made.errors == "chartmill: warning: \(warnings[0])\n")
  }

  @Test func aFailedRunPrintsNoObject() throws {
    let bench = try StateBench(days: 1, rows: 300)
    let failed = try bench.run(["--json", "--max-bad-rows", "0"])
    #expect(failed.status == 65 && failed.output == "")
  }

  @Test func aBackfillPrintsOneObjectPerDate() throws {
    let bench = try StateBench(days: 3, rows: 300)
    let made = try ChartmillProcess.run(
      "backfill", "--logs", bench.logs, "--out", bench.out, "--state", bench.state, "--days", "1",
      "--from", "\(bench.days[0])", "--to", "\(bench.days[2])", "--json", "--quiet")
    #expect(made.status == 0, "\(made.errors)")
    let objects = try made.output.split(separator: "\n").map(object)
    #expect(objects.map { $0["date"] as? String } == bench.days.map(\.description))
    for object in objects {
      #expect(object["status"] as? String == "charted")
      try expect(object, describes: bench.out)
    }
  }
}
