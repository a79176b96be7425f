import Foundation
import Testing

@testable import ChartmillSynth

extension EndToEnd {
  /// Every command treats many logs of one day as one day. Splitting a day is the documented way to
  /// scale it.
  @Suite struct DayInParts {
    private static let parts = 40

    /// A day in many parts, plain and gzip, and the same rows in one log.
    private static func books() throws -> (parts: LogBook, whole: LogBook) {
      let (book, whole) = (try LogBook(), try LogBook())
      var random = RandomStream(seed: 9)
      var text = ""
      for part in 0..<parts {
        let rows = (0..<50).map { _ in "\(random.next() % 90)|\(random.next() % 30)|FR\n" }
        let bad = part % 7 == 0 ? "bad row\n" : ""
        try book.add(rows.joined() + bad, part: "-\(part)", gzip: part % 2 == 0)
        text += rows.joined() + bad
      }
      try whole.add(text)
      return (book, whole)
    }

    @Test func runAndRollupGiveTheChartsOfOneFile() throws {
      let (book, whole) = try Self.books()
      let expected = try whole.run("--days", "1").charts()
      #expect(Charts.hasSameBytes(try book.run("--days", "1").charts(), expected))
      let state = try TemporaryFolder()
      let rollup = try ChartmillProcess.run(
        "rollup", "--logs", book.path, "--state", state.path, "--quiet")
      try #require(rollup.status == 0, "\(rollup.errors)")
      let run = try book.run("--days", "1", "--state", state.path)
      let charts = try run.charts()
      #expect(Charts.hasSameBytes(charts, expected))
      #expect(charts.manifest.run.keptDays.map(\.description) == [LogBook.lastDay])
      #expect(charts.manifest.inputs.count == Self.parts)
      let listed = try ChartmillProcess.run("state", "--state", state.path, "--check")
      #expect(listed.status == 0, "\(listed.errors)")
      // If a part arrives late, the day is rolled up again.
      try book.add("1|1|DE\n", part: "-late")
      let late = try book.run("--days", "1", "--state", state.path).charts()
      #expect(late.manifest.totals.accepted == expected.manifest.totals.accepted + 1)
      #expect(late.manifest.run.keptDays == [])
    }

    private struct Report: Decodable {
      struct Log: Decodable {}

      let logs: [Log]
      let accepted: Int
      let rejected: Int
    }

    private static func report(_ book: LogBook) throws -> Report {
      let check = try ChartmillProcess.run("check", "--logs", book.path, "--json")
      return try JSONDecoder().decode(Report.self, from: Data(check.output.utf8))
    }

    @Test func checkAndPlanSeeOneDay() throws {
      let (book, whole) = try Self.books()
      let report = try Self.report(book)
      let expected = try Self.report(whole)
      #expect(report.logs.count == Self.parts)
      #expect(report.accepted == expected.accepted && report.rejected == expected.rejected)
      let plan = try ChartmillProcess.run("plan", "--logs", book.path, "--days", "1")
      #expect(plan.output.contains("1 of 1 day"), "\(plan.output)")
      #expect(plan.output.contains("\(Self.parts) files"), "\(plan.output)")
    }
  }
}
