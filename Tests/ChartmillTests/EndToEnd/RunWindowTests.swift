import Foundation
import Testing

@testable import ChartmillCore

extension EndToEnd {
  /// Which logs belong to the window.
  @Suite struct Windows {
    /// One log per date. Each log has one song, and its id is the date.
    private func book(_ days: [String]) throws -> LogBook {
      let book = try LogBook()
      for day in days { try book.add("\(day)|1|FR\n", day: day) }
      return book
    }

    private func songs(_ charts: Charts) throws -> [String] {
      let line = try #require(charts.userLines.first)
      return line.dropFirst(2).split(separator: ",").map { String($0.prefix { $0 != ":" }) }
    }

    struct Edge {
      let last: String
      /// The first day of the window, and the previous day.
      let first: String
      let before: String
      let after: String
    }

    static let edges = [
      Edge(last: "20260705", first: "20260629", before: "20260628", after: "20260706"),
      Edge(last: "20260103", first: "20251228", before: "20251227", after: "20260104"),
      Edge(last: "20280302", first: "20280225", before: "20280224", after: "20280303"),
      Edge(last: "20280229", first: "20280223", before: "20280222", after: "20280301"),
      Edge(last: "20270301", first: "20270223", before: "20270222", after: "20270302"),
      Edge(last: "20000302", first: "20000225", before: "20000224", after: "20000303"),
    ]

    @Test(arguments: edges)
    func theWindowIsTheSevenDaysThatEndWithTheDate(_ edge: Edge) throws {
      let book = try book([edge.before, edge.first, edge.last, edge.after])
      let run = try book.run("--date", edge.last)
      #expect(try songs(run.charts(day: edge.last)) == [edge.first, edge.last])
      let window = try run.charts(day: edge.last).manifest.window
      #expect(window.first.description == edge.first && window.last.description == edge.last)
      #expect(window.missing.count == 5)
      // Without a date, the newest log that is not in the future ends the window.
      let newest = try book.run(
        ["--days", "8"] + (edge.after > "20261101" ? ["--date", edge.after] : []))
      #expect(
        try songs(newest.charts(day: edge.after)) == [edge.first, edge.last, edge.after])
    }

    @Test func daysIsTheLengthOfTheWindow() throws {
      let book = try book(["20260701", "20260704", "20260705"])
      #expect(try songs(book.run("--days", "1").charts()) == ["20260705"])
      #expect(try songs(book.run("--days", "2").charts()) == ["20260704", "20260705"])
      #expect(try songs(book.run("--days", "5").charts()).count == 3)
      #expect(try songs(book.run("--days", "3660").charts()).count == 3)
    }

    @Test func anEmptyWindowIsMissingInput() throws {
      try book(["20260705"]).run("--date", "20260720").expectFailure(
        66, "no logs for 20260714 to 20260720 in ")
      try LogBook().run().expectFailure(66, "no logs in ")
      try book(["20260705"]).run("--date", "20260704").expectFailure(66)
    }

    @Test func missingDaysAreNamed() throws {
      let book = try book(["20260629", "20260630", "20260702", "20260703", "20260705"])
      let run = try book.run()
      #expect(
        run.errors == "chartmill: warning: no log for 20260701, 20260704: "
          + "the charts cover 5 of 7 days\n")
      #expect(
        try run.charts().manifest.window.missing.map(\.description) == ["20260701", "20260704"])
      try book.run("--require-all-days").expectFailure(65, "no log for 20260701, 20260704")
      let all = try book.run("--require-all-days", "--days", "1")
      #expect(all.status == 0 && all.errors == "")
    }

    @Test func aDayInBothFormatsIsAnError() throws {
      let book = try book(["20260705"])
      try book.addRaw(try Tool.gzipped("1|2|FR\n"))
      try book.run().expectFailure(
        65, "there are two copies of the log for 20260705, so its rows would be counted twice: ",
        "listen-20260705.log.gz")
      // Outside the window, it is not an error.
      try book.add("1|1|FR\n", day: "20260706")
      #expect(try book.run("--days", "1").charts(day: "20260706").userLines == ["1|1:1"])
    }

    @Test func aDayMayHaveSeveralFiles() throws {
      let book = try LogBook()
      try book.add("1|1|FR\n2|1|FR\n", part: "-a")
      try book.add("1|1|FR\n", part: "-b", gzip: true)
      try book.add("2|1|FR\n1|1|FR", part: "-c")
      let charts = try book.run().charts()
      charts.expect(book.reference())
      #expect(charts.userLines == ["1|1:3,2:2"])
      #expect(charts.manifest.inputs.count == 3)
    }

    @Test func filesMayBeListed() throws {
      let book = try book(["20260703", "20260704", "20260705", "20260706"])
      let names = ["20260705", "20260703"].map { book.folder.path(of: "listen-\($0).log") }
      let run = try book.runFiles(names)
      #expect(try songs(run.charts()) == ["20260703", "20260705"])
      // A file without a date in its name counts for --date.
      try book.folder.write("9|1|FR\n", to: "other.txt")
      let other = book.folder.path(of: "other.txt")
      try book.runFiles([other]).expectFailure(65, "no date in its name")
      #expect(
        try songs(book.runFiles([other, "--date", "20260101"]).charts(day: "20260101")) == ["9"])
      try book.runFiles([other + "x", "--date", "20260101"]).expectFailure(66, "No such file")
      try book.runFiles([book.path, "--date", "20260101"]).expectFailure(
        66, "a folder instead of a file")
    }
  }
}
