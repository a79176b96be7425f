import Foundation
import Testing

@testable import ChartmillModel

/// The page that the real program writes. `scripts/tests/test-report` opens it in a browser, checks
/// how it looks, and compares its numbers with the manifest.
@Suite struct ReportTests {
  private static let page = "report_20260705.html"

  private static func report(_ out: String, _ flags: String...) throws -> ChartmillProcess {
    try ChartmillProcess.run(["report", "--charts", out] + flags)
  }

  private static func page(of charts: PublishedCharts) throws -> String {
    let report = try report(charts.path)
    try #require(report.status == 0, "\(report.errors)")
    return try charts.text(of: page)
  }

  @Test func thePageIsBesideTheCharts() throws {
    let charts = try PublishedCharts()
    let report = try Self.report(charts.path)
    #expect(report.errors == "")
    #expect(report.output == "wrote \(charts.path)/\(Self.page)\n")
    #expect(report.status == 0)
    let page = try charts.text(of: Self.page)
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.contains("<h1>Charts for 29 June to 5 July 2026</h1>"))
    #expect(page.contains("<dd id=\"rows\">132</dd>"))
    #expect(page.contains("<dd id=\"users\">12</dd>"))
    #expect(page.contains("12 users have 11.0 streams each on average."))
    #expect(page.contains("The median user has 8 to 15 streams."))
    #expect(page.contains("no log for 29 June 2026, 30 June 2026, "))
    #expect(!page.contains("Nothing was out of the ordinary"))
    #expect(page.contains("This folder has no previous charts to compare with."))
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
    // Other files are unchanged, and a second report has the same bytes.
    #expect(try charts.verify().status == 0)
    let again = try Self.report(charts.path, "--quiet", "--date", "20260705")
    #expect(again.output == "" && again.status == 0)
    #expect(try charts.text(of: Self.page) == page)
  }

  /// The format of the charts changes nothing on the page except their names.
  @Test(arguments: [["--format", "csv"], ["--format", "jsonl", "--compress"]])
  func everyFormatGivesTheSamePage(_ flags: [String]) throws {
    func countries(_ page: String) throws -> Substring {
      let start = try #require(page.range(of: "<h2>Countries</h2>")).lowerBound
      let end = try #require(page.range(of: "<h2>Time and memory</h2>")).lowerBound
      return page[start..<end]
    }
    let page = try Self.page(of: PublishedCharts())
    let other = PublishedCharts.ending(of: flags)
    let report = try Self.page(of: PublishedCharts(flags: flags))
    #expect(try countries(report) == countries(page))
    #expect(report.contains("country_top3_20260705\(other)"))
  }

  private static func charted(
    _ days: [(day: String, rows: String)], _ flags: String...
  ) throws -> (out: TemporaryFolder, page: String) {
    let logs = try LogBook()
    let out = try TemporaryFolder()
    for (day, rows) in days {
      try logs.add(rows, day: day)
      let run = try logs.run(["--date", day, "--max-bad-rows", "100%"] + flags, out: out)
      try #require(run.status == 0, "\(run.errors)")
    }
    let report = try report(out.path)
    try #require(report.status == 0, "\(report.errors)")
    return (out, try out.read("report_\(days[days.count - 1].day).html"))
  }

  /// Movements are relative to the newest earlier date, which may be several days earlier.
  @Test func movementSinceTheNewestEarlierDate() throws {
    let (_, page) = try Self.charted(
      [
        ("20260630", "9|1|FR\n"),
        ("20260702", "1|1|FR\n1|1|FR\n1|1|FR\n2|1|FR\n2|1|FR\n3|1|FR\n"),
        ("20260705", "2|1|FR\n2|1|FR\n2|1|FR\n1|1|FR\n1|1|FR\n4|1|FR\n5|1|DE\n"),
      ], "--days", "1")
    #expect(page.contains("Compared with the previous charts, for 2 July 2026."))
    #expect(page.contains("3 songs: 1 up, 1 down, 0 unchanged, 1 new. Dropped out: 1."))
    #expect(page.contains("<span class=\"up\">\u{25B2} up 1</span>"))
    #expect(page.contains("<span class=\"down\">\u{25BC} down 1</span>"))
    #expect(page.contains("<dd id=\"rows\">7</dd><dd class=\"note\">+16.7% since 2 Jul</dd>"))
  }

  /// Titles are text from outside, so markup in them is shown as text. A song without a title is
  /// listed by id.
  @Test func titlesTakeThePlaceOfIds() throws {
    let (out, page) = try Self.charted([("20260705", "1|1|FR\n1|1|FR\n2|1|FR\n")], "--days", "1")
    #expect(page.contains("Songs are listed by id.") && page.contains("<h3>France (FR)</h3>"))
    let long = String(repeating: "x", count: 500)
    try out.write("sng_id,title,artist\n1,<script>alert('1')</script>,\(long)\n", to: "songs.csv")
    let report = try ChartmillProcess.run(
      "report", "--charts", out.path, "--songs", out.path(of: "songs.csv"))
    #expect(report.status == 0 && report.errors == "", "\(report.errors)")
    let titled = try out.read("report_20260705.html")
    #expect(titled.contains(">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;<"))
    #expect(!titled.contains("<script") && !titled.contains(long))
    #expect(titled.contains("<div class=\"charts titled\">"))
    #expect(titled.contains("<td>2</td>") && !titled.contains("Songs are listed by id."))
  }

  /// The same window a week before has the same weekdays, so it is compared rather than the day
  /// before. If it is incomplete, the day before is.
  @Test func theWeekBeforeIsPreferred() throws {
    let days = ["20260627", "20260628", "20260704", "20260705"].map { ($0, "1|1|FR\n") }
    let (out, page) = try Self.charted(days, "--days", "1")
    let week = "the charts of a week before, for 28 June 2026."
    #expect(page.contains("Compared with \(week)") && page.contains("Moves are since \(week)"))
    #expect(page.contains("<dd class=\"note\">same as on 28 Jun</dd>"))
    #expect(page.contains("<h3>France (FR)</h3>"))
    #expect(page.contains("<th scope=\"row\">France (FR)</th>"))
    let longer = try LogBook()
    for day in ["20260627", "20260628"] { try longer.add("1|1|FR\n", day: day) }
    #expect(try longer.run(["--date", "20260628", "--days", "2"], out: out).status == 0)
    #expect(try Self.report(out.path).status == 0)
    #expect(
      try out.read(Self.page).contains("Compared with the previous charts, for 4 July 2026."))
  }

  /// The page of `run --report` is that of `report`.
  @Test func aRunWritesItsPage() throws {
    let logs = try LogBook("1|1|FR\n")
    let out = try TemporaryFolder()
    func report(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(
        ["run", "--logs", logs.path, "--out", out.path, "--days", "1", "--report"] + flags)
    }
    let run = try report()
    #expect(run.status == 0 && run.errors == "")
    let path = "\(out.path)/\(Self.page)"
    #expect(run.output.hasSuffix("\nreport       \(path)\n"), "\(run.output)")
    let page = try out.read(Self.page)
    #expect(page.contains("<h1>Charts for 5 July 2026</h1>"))
    #expect(try Self.report(out.path).status == 0)
    #expect(try out.read(Self.page) == page)
    let json = try report("--json", "--quiet")
    #expect(json.output.contains("\"report\":\"\(path)\""))
    // If a file is in the way, the charts are published nevertheless.
    try FileManager.default.removeItem(atPath: path)
    try out.write("mine", to: Self.page)
    let failed = try report("--quiet")
    #expect(failed.status == 74)
    #expect(failed.errors.hasSuffix("  The charts were published; only the report is missing.\n"))
    #expect(try out.read(Self.page) == "mine")
    #expect(try ChartmillProcess.run("verify", "--charts", out.path).status == 0)
  }

  /// Numbers are compared only if both dates cover the same number of days.
  @Test func aShorterPreviousWindowIsAWarning() throws {
    let (_, page) = try Self.charted(
      [("20260704", "1|1|FR\n"), ("20260705", "1|1|FR\n2|1|FR\n")], "--days", "2")
    #expect(
      page.contains(
        "<li>the previous charts, for 4 July 2026, cover 1 of 2 days: their numbers are not "
          + "compared with these, which cover 2 of 2 days</li>"))
    #expect(page.contains("They cover 1 of 2 days, which also changes ranks."))
    #expect(!page.contains("Nothing was out of the ordinary"))
    #expect(!page.contains("since 4 Jul") && !page.contains("Since 4\u{A0}Jul"))
  }

  /// Warnings come first, and a run without any says so.
  @Test func aRunWithoutWarnings() throws {
    let (_, page) = try Self.charted(
      [("20260704", "1|1|FR\n"), ("20260705", "1|1|FR\n")], "--days", "1")
    #expect(
      page.contains(
        """
        <main>
        <section>
        <h2>Warnings</h2>
        <p>Nothing was out of the ordinary. Every day of the window has rows.</p>
        """))
    #expect(page.contains("<dd class=\"note\">same as on 4 Jul</dd>"))
  }

  @Test func anEarlierDateOfAnotherVersionIsIgnored() throws {
    let (out, _) = try Self.charted(
      [("20260703", "1|1|FR\n"), ("20260704", "2|1|FR\n"), ("20260705", "1|1|FR\n")],
      "--days", "1")
    let name = "manifest_20260704.json"
    let text = try out.read(name)
    try out.write(
      text.replacingOccurrences(of: "\"format\" : \(Manifest.format)", with: "\"format\" : 2"),
      to: name)
    #expect(try Self.report(out.path).status == 0)
    #expect(try out.read(Self.page).contains("Compared with the previous charts, for 3 July 2026."))
    // A damaged manifest of an earlier date is an error.
    try out.write("{}", to: name)
    let damaged = try Self.report(out.path)
    #expect(damaged.errors.hasPrefix("chartmill: \(out.path)/\(name): not a valid manifest"))
    #expect(damaged.status == 65)
  }

  @Test func aDayWithoutRowsIsAWarning() throws {
    let (_, page) = try Self.charted(
      [("20260704", "1|1|FR\n"), ("20260705", "")], "--allow-missing-last-day")
    #expect(
      page.contains("no accepted rows in the log for 5 July 2026: the charts cover 1 of 7 days"))
    #expect(!page.contains("nan") && !page.contains("inf%"))
  }

  @Test func aDayOfMostlyBadRowsHasAPage() throws {
    let (_, page) = try Self.charted([("20260705", "1|1|FR\nx|1|FR\n\n\n")], "--days", "1")
    #expect(page.contains("<h1>Charts for 5 July 2026</h1>"))
    #expect(page.contains("<dd id=\"bad-rows\">3</dd><dd class=\"note\">75.0% of all rows</dd>"))
    #expect(page.contains("<th scope=\"row\">blank</th>"))
  }

  /// A window of years has a gap for each day without a log, and the page stays small.
  @Test func thePageOfALongWindowIsSmall() throws {
    let logs = try LogBook()
    for day in ["20160628", "20260101", "20260705"] { try logs.add("1|1|FR\n", day: day) }
    let out = try TemporaryFolder()
    try #require(try logs.run("--days", "3660", out: out).status == 0)
    #expect(try Self.report(out.path).status == 0)
    let page = try out.read(Self.page)
    #expect(page.contains("<h1>Charts for 28 June 2016 to 5 July 2026</h1>"))
    #expect(page.contains("<th scope=\"row\">1 January 2026</th>"))
    #expect(page.utf8.count < 1 << 20)
  }

  /// Text from a manifest stays text, even if it contains markup.
  @Test func markupInAManifestIsText() throws {
    let charts = try PublishedCharts()
    let markup = "<img src=x onerror=alert(1)>\"'&"
    try charts.editManifest { manifest in
      manifest.inputs[0].name = markup
      manifest.inputs[0].reading = .gzipWithTrailingBytes
      manifest.inputs[0].textCRC32 = markup
      manifest.outputs[0].crc32 = markup
      manifest.run.codec = markup
      manifest.run.version = markup
      manifest.run.overlooked = []
      manifest.run.changes = [
        SuddenChange(
          day: manifest.date, kind: .countryGone, country: markup, usual: .min, found: .max)
      ]
    }
    let page = try Self.page(of: charts)
    #expect(!page.contains("<img"))
    let escaped = "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"
    #expect(page.components(separatedBy: escaped).count > 5)
  }

  @Test func anInconsistentManifestIsBadData() throws {
    let charts = try PublishedCharts()
    try charts.editManifest { $0.totals.usersByStreams[3] += 1 }
    let lie = try Self.report(charts.path)
    #expect(
      lie.errors.contains("'totals.usersByStreams' does not agree with the rest of the manifest"))
    #expect(lie.output == "" && lie.status == 65)
    let others = try PublishedCharts()
    try others.replace(
      PublishedCharts.countries,
      others.text(of: PublishedCharts.countries).replacingOccurrences(of: "FR", with: "ZZ"),
      vouching: false)
    #expect(try Self.report(others.path).status == 65)
    #expect(try ChartmillProcess.run("report", "--charts", "missing").status == 66)
    #expect(try Self.report(charts.path, "--date", "20260704").status == 66)
  }

  @Test func thePageMayBeAnywhere() throws {
    let charts = try PublishedCharts()
    let folder = try TemporaryFolder()
    let path = folder.path(of: "week.html")
    #expect(try Self.report(charts.path, "--html", path).output == "wrote \(path)\n")
    #expect(try folder.names() == ["week.html"])
    #expect(throws: (any Error).self) { try charts.text(of: Self.page) }
    let nowhere = try Self.report(charts.path, "--html", folder.path(of: "none/week.html"))
    #expect(nowhere.errors.hasPrefix("chartmill: cannot create a file in "), "\(nowhere.errors)")
    #expect(nowhere.status == 73)
    #expect(try Self.report(charts.path, "--html", "").status == 64)
  }

  /// The old page would show charts that no longer exist.
  @Test func aRerunRemovesThePage() throws {
    let logs = try LogBook("1|1|FR\n")
    let out = try TemporaryFolder()
    #expect(try logs.run(out: out).status == 0)
    #expect(try Self.report(out.path).status == 0)
    #expect(try out.names().contains(Self.page))
    #expect(try logs.run("--quiet", out: out).status == 0)
    #expect(try !out.names().contains(Self.page))
  }
}

extension PublishedCharts {
  fileprivate static func ending(of flags: [String]) -> String {
    (flags.contains("csv") ? ".csv" : ".jsonl") + (flags.contains("--compress") ? ".gz" : "")
  }
}
