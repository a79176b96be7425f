import Foundation
import Testing

@testable import ChartmillModel

/// What `chartmill check` prints about logs.
@Suite struct CheckTests {
  private struct Report: Decodable {
    struct Log: Decodable {
      let path: String
      let reading: Manifest.Input.Reading
      let bytes: Int
      let accepted: Int
      let rejected: Int
    }
    struct CountryRows: Decodable {
      let country: String
      let rows: Int
    }
    let logs: [Log]
    let unreadable: [String]
    let missing: [Day]
    let accepted: Int
    let rejected: Int
    let rejectedByReason: [Manifest.Tally]
    let repairableByRule: [Manifest.Tally]
    let samples: [Manifest.Sample]
    let countries: [CountryRows]
    let users: Int
    let usersRelativeError: Double

    init(_ process: ChartmillProcess) throws {
      self = try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
    }
  }

  private static let text = """
    1|2|FR
    \u{1B}[2J
    1|2|FR3|4|DE
    1,7,FR
    1|2|FRFR
    1|2|fr

    3|4|DE
    9|5|FR

    """

  @Test func theTextIsExact() throws {
    let book = try LogBook(Self.text)
    let path = try book.add("1|2|FR\n", day: "20260704", gzip: true)
    let log = book.folder.path(of: "listen-20260705.log")
    let process = try ChartmillProcess.run("check", log, path, "--max-bad-rows", "100%")
    #expect(process.status == 0, "\(process.errors)")
    #expect(process.errors == "")
    let lines = process.output.split(separator: "\n")
    #expect(lines[1] == "            \(log): 3 rows, 6 bad")
    #expect(lines[2] == "            \(path): 1 row")
    #expect(
      lines[3...] == [
        "rows        4",
        "bad rows    6 (60.0%): blank 1, field count 3, country syntax 2",
        "repairable  4 with --repair: glued rows 1, commas 1, doubled country 1, lower-case country 1",
        "users       about 3 (an estimate: ±1.6% with 95% confidence)",
        "countries   2: FR 75.0%, DE 25.0%",
        "samples     \(log):7: blank",
        #"            \#(log):2: field count: \x1b[2J"#,
        "            \(log):3: field count: 1|2|FR3|4|DE",
        "            \(log):5: country syntax: 1|2|FRFR",
        "            \(log):6: country syntax: 1|2|fr",
      ])
  }

  /// The counts equal those of a run on the same logs, and the estimate of users is the same for
  /// any number of threads.
  @Test func countsWhatARunCounts() throws {
    let bench = try StateBench(days: 3, rows: 40_000, users: 9000)
    let expected = try bench.expected().facts.totals
    let repaired = try bench.expected(["--repair"]).facts.totals
    var first: String?
    for threads in [1, 2, 8] {
      let process = try ChartmillProcess.run(
        "check", "--logs", bench.logs, "--json", "--threads", "\(threads)")
      #expect(process.status == 0, "\(process.errors)")
      #expect(first ?? process.output == process.output)
      first = process.output
      let report = try Report(process)
      #expect(report.accepted == expected.accepted && report.rejected == expected.rejected)
      #expect(report.rejectedByReason == expected.rejectedByReason)
      #expect(report.repairableByRule == repaired.repairedByRule)
      #expect(report.samples.map(\.line) == expected.samples.map(\.line))
      #expect(report.countries.reduce(0) { $0 + $1.rows } == expected.accepted)
      #expect(report.countries.count == expected.countries)
      #expect(zip(report.countries, report.countries.dropFirst()).allSatisfy { $0.rows >= $1.rows })
      let error = Double(report.users - expected.users) / Double(expected.users)
      #expect(abs(error) < 5 * report.usersRelativeError)
      #expect(report.logs.map(\.path) == bench.days.map(bench.log))
      #expect(report.logs.allSatisfy { $0.reading == .gzip && $0.bytes > 0 })
      #expect(report.logs.reduce(0) { $0 + $1.accepted } == expected.accepted)
      #expect(report.logs.reduce(0) { $0 + $1.rejected } == expected.rejected)
      // The window has seven days, and three of them have a log.
      #expect(report.missing.count == 4 && report.unreadable == [])
    }
  }

  /// A damaged log is named, and its rows are not counted. The other logs are still checked.
  @Test func aDamagedLogDoesNotHideTheOthers() throws {
    let book = try LogBook()
    let rows = String(repeating: "8|9|BR\n", count: 100_000)
    let damaged = try book.addRaw(Array(try Tool.gzipped(rows).dropLast(9)))
    let good = try book.add("1|2|FR\n", day: "20260704")
    let missing = book.folder.path(of: "missing.log")
    let process = try ChartmillProcess.run("check", missing, damaged, good, "--json")
    #expect(process.status == 65)
    #expect(process.errors.contains("missing.log: No such file"))
    #expect(process.errors.contains("\(damaged): truncated gzip data"))
    let report = try Report(process)
    #expect(report.logs.map(\.path) == [good])
    #expect(report.unreadable == [missing, damaged])
    #expect(report.countries.map(\.country) == ["FR"])
    #expect(report.accepted == 1 && report.users == 1)
  }

  /// `check` refuses what a run would refuse, so a script can use it as a test.
  @Test func moreBadRowsThanTheLimitAreAnError() throws {
    let book = try LogBook("1|2|FR\nx|2|FR\n")
    try book.add("1|2|FR\n1|3|FR\n1|4|FR\n", day: "20260704")
    try book.add("1|2|FR\nx|2|FR\n1|2|FR\n1|2|FR\n", day: "20260704-late")
    func check(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["check", "--logs", book.path] + flags)
    }
    let failed = try check()
    let log = "\(book.path)/listen-20260704-late.log"
    #expect(
      failed.errors == """
        chartmill: 20260704: 1 of 7 rows is bad (14.3%), over the limit of 5%; 1 other day is over it too
          Most common reason: song id, 1 (100.0%); the first is \(log):2: x|2|FR
          A run would refuse this log. Correct it, or use 'run' with --repair or a higher --max-bad-rows.

        """)
    #expect(failed.status == 65 && failed.output.contains("\nrows       7\n"))
    for (limit, status) in [("20%", 65), ("50%", 0), ("49.9%", 65), ("0", 65)] {
      let check = try check("--max-bad-rows", limit)
      #expect(check.status == status, "\(limit): \(check.errors)")
      let run = try book.run("--max-bad-rows", limit)
      #expect(run.status == status, "\(limit): \(run.errors)")
      if status == 65 {
        #expect(check.errors.prefix { $0 != ";" } == run.errors.prefix { $0 != ";" }, "\(limit)")
      }
    }
    // A file without a date counts as a day of its own.
    try book.folder.write("1|2|FR\nbad\n", to: "anything")
    let path = book.folder.path(of: "anything")
    let file = try ChartmillProcess.run("check", path, "--json")
    #expect(file.errors.hasPrefix("chartmill: \(path): 1 of 2 rows is bad (50.0%), over the limit"))
    #expect(try file.status == 65 && Report(file).rejected == 1)
  }

  /// Files on the command line may have any name. For a folder, only the logs in a window are
  /// checked.
  @Test func filesMayHaveAnyNameAndFoldersHaveAWindow() throws {
    let book = try LogBook("1|2|FR\n")
    try book.add("1|2|FR\n1|3|FR\n", day: "20260601")
    try book.folder.write("5|6|DE\n", to: "anything")
    let named = try Report(
      ChartmillProcess.run("check", book.folder.path(of: "anything"), "--json"))
    #expect(named.accepted == 1 && named.missing == [])
    let window = try Report(
      ChartmillProcess.run("check", "--logs", book.path, "--days", "1", "--json"))
    #expect(window.accepted == 1 && window.logs.count == 1)
    let other = try Report(
      ChartmillProcess.run(
        "check", "--logs", book.path, "--days", "1", "--date", "20260601", "--json"))
    #expect(other.accepted == 2)
    let none = try ChartmillProcess.run("check", "--logs", book.path, "--date", "20260101")
    #expect(none.status == 66)
  }

  @Test func aListOfCountriesReplacesTheBuiltInOne() throws {
    let book = try LogBook("1|2|XK\n1|2|FR\n")
    let report = try Report(
      ChartmillProcess.run("check", "--logs", book.path, "--allow-country", "XK", "--json"))
    #expect(report.accepted == 2 && report.countries.map(\.country) == ["FR", "XK"])
  }
}
