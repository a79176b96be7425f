import Foundation
import Testing

@testable import ChartmillModel

/// Small files that decompress to 1 GB in the fast suite and to 10 GB in the slow one.
@Suite(.serialized) struct BombTests {
  private static let mebibytes = runsSlowTests ? 10_000 : 1_000

  /// A line without an end is one row that is too long. Memory stays bounded.
  @Test(arguments: runsSlowTests ? ["a", "1|2|FR", "|"] : ["a"])
  func aVeryLongLineIsOneBadRow(_ text: String) throws {
    let manifest = try run("tr -d '\\n'", text, mebibytes: Self.mebibytes)
    #expect(manifest.totals.accepted == 1)
    #expect(manifest.totals.rejected == 1)
    let tooLong = manifest.totals.rejectedByReason.filter { $0.rows > 0 }.map(\.name)
    #expect(tooLong.count == 1)
  }

  /// A log of zero bytes is not text. It is refused at once, in bounded memory.
  @Test func zeroBytesAreRefused() throws {
    let outcome = try outcome("cat", "\\0", mebibytes: Self.mebibytes / 10)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("NUL bytes"), "\(outcome.errors)")
    #expect(outcome.peakResident <= 32 << 20)
  }

  @Test func blankLinesAreBadRows() throws {
    let manifest = try run("tr -d x", "x", mebibytes: Self.mebibytes / 10)
    // The line end before the good row adds a blank line.
    #expect(manifest.totals.rejected == (Self.mebibytes / 10) << 20 + 1)
  }

  /// The manifest of a run on a log that repeats `text`, passed through `filter`, and ends with one
  /// good row.
  private func run(_ filter: String, _ text: String, mebibytes: Int) throws -> Manifest {
    let folder = try TemporaryFolder()
    let outcome = try outcome(filter, text, mebibytes: mebibytes, in: folder)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.peakResident <= 32 << 20)
    return try Manifest(json: Array(try folder.read("out/manifest_20260705.json").utf8))
  }

  private func outcome(
    _ filter: String, _ text: String, mebibytes: Int, in made: TemporaryFolder? = nil
  ) throws -> ChildProcess.Outcome {
    let folder = try made ?? TemporaryFolder()
    let path = folder.path(of: "listen-20260705.log.gz")
    // One gzip member of 100 MiB is repeated. Concatenated members are one text.
    let step = min(100, mebibytes)
    let source =
      text == "\\0"
      ? "head -c \(step << 20) /dev/zero"
      : "yes '\(text)' | \(filter) | head -c \(step << 20)"
    let make = """
      \(source) | gzip -1 > "$0.part" && for i in $(seq \(mebibytes / step)); do cat "$0.part"; \
      done > "$0" && printf '\\n1|2|FR\\n' | gzip >> "$0"
      """
    let packed = try ChildProcess("/bin/sh", ["-c", make, path]).wait(seconds: 120)
    try #require(packed.status == 0, "\(packed.errors)")
    return try ChildProcess(
      FaultBench.binary,
      [
        "run", path, "--out", folder.path(of: "out"), "--memory", "32MiB", "--max-bad-rows", "100%",
        "--quiet",
      ]
    ).wait(seconds: 300)
  }
}
