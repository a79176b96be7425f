import Foundation
import Testing

@testable import ChartmillSynth

@Suite struct CompareTests {
  /// Charts of two dates, each with a window of one day.
  private final class TwoDates {
    static let days = ["20260704", "20260705"]
    let out: TemporaryFolder

    init(_ rows: [String], tops: [Int] = [4, 4], flags: [String] = []) throws {
      out = try TemporaryFolder()
      let logs = try LogBook()
      for (index, day) in Self.days.enumerated() {
        try logs.add(rows[index], day: day)
        let run = try logs.run(
          ["--days", "1", "--date", day, "--top", "\(tops[index])"] + flags, out: out)
        try #require(run.status == 0, "\(run.errors)")
      }
    }

    func compare(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["compare", "--charts", out.path] + Self.days + flags)
    }
  }

  /// Rows of user 1 with the given streams of each song in each country.
  private static func rows(_ charts: [String: [Int: Int]]) -> String {
    charts.flatMap { country, songs in
      songs.map { String(repeating: "\($0)|1|\(country)\n", count: $1) }
    }.joined()
  }

  private static let week = [
    rows(["FR": [1: 5, 2: 4, 3: 3, 4: 2], "DE": [1: 2], "IT": [9: 1]]),
    rows(["FR": [2: 6, 5: 5, 1: 4, 3: 3, 4: 1], "DE": [1: 3], "US": [7: 1]]),
  ]

  private static let heading = """
    current   20260705 to 20260705
    previous  20260704 to 20260704

    """

  private static let france = """

    France (FR)

    rank        change  song  streams  previous
       1          up 1     2        6         4
       2           NEW     5        5         -
       3        down 2     1        4         5
       4        down 1     3        3         3
       -  left (was 4)     4        -         2

    """

  @Test(arguments: [[], ["--compress"]])
  func showsTheChartOfEveryCountry(_ flags: [String]) throws {
    let compare = try TwoDates(Self.week, flags: flags).compare()
    #expect(compare.errors == "")
    #expect(
      compare.output == Self.heading + """

        Germany (DE)

        rank  change  song  streams  previous
           1       =     1        3         2

        """ + Self.france + """

          Italy (IT)

          rank        change  song  streams  previous
             -  left (was 1)     9        -         1

          United States (US)

          rank  change  song  streams  previous
             1     NEW     7        1         -

          """)
    #expect(compare.status == 0)
  }

  @Test func showsTheCountriesThatAreNamed() throws {
    let dates = try TwoDates(Self.week)
    #expect(try dates.compare("--country", "FR").output == Self.heading + Self.france)
    #expect(
      try dates.compare("--country", "US", "--country", "FR").output.split(separator: "\n")
        .filter { $0.hasSuffix(")") && !$0.contains("left") }
        == ["France (FR)", "United States (US)"])
    // Countries with a chart are shown, and one without a chart is an error.
    let some = try dates.compare("--country", "XK", "--country", "FR")
    #expect(some.output == Self.heading + Self.france)
    #expect(
      some.errors == """
        chartmill: XK has no chart for 20260704, 20260705
          XK is not in ISO 3166-1. Its rows are counted only with --allow-country.

        """)
    #expect(some.status == 66)
  }

  @Test func showsTheChartOfAUser() throws {
    let dates = try TwoDates(Self.week)
    #expect(
      try dates.compare("--user", "1").output == Self.heading + """

        user 1

        rank        change  song  streams  previous
           1             =     1        7         7
           2             =     2        6         4
           3           NEW     5        5         -
           4        down 1     3        3         3
           -  left (was 4)     4        -         2

        """)
    let nobody = try dates.compare("--user", "2")
    #expect(nobody.errors.hasPrefix("chartmill: user 2 has no chart for 20260704, 20260705\n"))
    #expect(nobody.status == 66)
  }

  /// Without dates, the newest charts are compared with those of 7 days before.
  @Test func theNewestDateIsComparedWithTheOneAWeekBefore() throws {
    let out = try TemporaryFolder()
    let logs = try LogBook()
    for (day, song) in [("20260620", 6), ("20260628", 1), ("20260704", 2), ("20260705", 3)] {
      try logs.add("\(song)|1|FR\n", day: day)
      try #require(try logs.run("--days", "1", "--date", day, out: out).status == 0)
    }
    func compare(_ arguments: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["compare", "--charts", out.path] + arguments)
    }
    let week = try compare()
    #expect(week.errors == "" && week.status == 0)
    #expect(week.output == (try compare("20260628", "20260705").output))
    #expect(week.output.hasPrefix("current   20260705 to 20260705\nprevious  20260628 "))
    let other = try compare("--with", "20260704")
    #expect(other.output == (try compare("20260704", "20260705").output))
    try FileManager.default.removeItem(atPath: out.path(of: "manifest_20260628.json"))
    let none = try compare()
    #expect(
      none.errors == """
        chartmill: no charts for 20260628, 7 days before the newest ones, 20260705, in '\(out.path)'
          Compare with an earlier date there, for example --with 20260704. To make them: chartmill \
        run --logs DIR --out \(out.path) --date 20260628

        """)
    #expect(none.status == 66 && none.output == "")
    let both = try compare("--with", "20260704", "20260704", "20260705")
    #expect(both.errors.hasPrefix("chartmill: both --with and two dates were given\n"))
    let one = try compare("20260704")
    #expect(
      one.errors.hasPrefix(
        """
        chartmill: compare takes two dates or none, but one was given
          To compare the newest charts with that date, use --with 20260704.
        """))
    #expect(both.status == 64 && one.status == 64)
  }

  /// Peaks and days come from all dates of the folder up to the current one. Dates with another top
  /// do not count, and dates that cover fewer days are mentioned.
  @Test func historyHasPeaksAndDays() throws {
    let out = try TemporaryFolder()
    let logs = try LogBook()
    for (day, rows, flags) in [
      ("20260701", "1|1|FR\n1|1|FR\n2|1|FR\n", ["--days", "1"]),
      ("20260702", "3|1|FR\n3|1|FR\n2|1|FR\n", ["--days", "1", "--top", "7"]),
      ("20260703", "2|1|FR\n2|1|FR\n1|1|FR\n", ["--days", "1"]),
      ("20260704", "3|1|FR\n", ["--days", "2", "--allow-missing-last-day"]),
      ("20260705", "3|1|FR\n3|1|FR\n1|1|FR\n4|1|DE\n", ["--days", "1"]),
      ("20260706", "1|1|FR\n", ["--days", "1"]),
    ] {
      try logs.add(rows, day: day)
      let top = flags.contains("--top") ? [] : ["--top", "4"]
      let run = try logs.run(["--date", day] + flags + top, out: out)
      try #require(run.status == 0, "\(run.errors)")
    }
    let footer =
      "\npeak, days: best rank, and dates in the chart, of 4 dates from 20260701 to 20260705; "
      + "1 of them covers another number of days than 20260705; 1 date with another --top or from "
      + "another version does not count\n"
    let compare = try ChartmillProcess.run(
      "compare", "--charts", out.path, "20260703", "20260705", "--country", "FR", "--history")
    #expect(
      compare.output.hasSuffix(
        """
        France (FR)

        rank        change  song  streams  previous  peak  days
           1           NEW     3        2         -     1     2
           2             =     1        1         1     1     4
           -  left (was 1)     2        -         2     1     3

        """ + footer), "\(compare.output)")
    let show = try ChartmillProcess.run(
      "show", "--charts", out.path, "--date", "20260705", "--user", "1", "--history")
    #expect(
      show.output.contains(
        """
        rank  song  streams  share  peak  days
           1     3        2  50.0%     1     2
           2     1        1  25.0%     1     4
           3     4        1  25.0%     3     1
        """), "\(show.output)")
    #expect(show.output.hasSuffix(footer.dropFirst()), "\(show.output)")
    let json = try ChartmillProcess.run(
      "show", "--charts", out.path, "--date", "20260705", "--country", "FR", "--history", "--json")
    #expect(
      json.output.contains(
        #""history":{"dates":4,"first":"20260701","last":"20260705","otherDates":1,"unlikeDates":1}"#
      ))
    #expect(json.output.contains(#"{"days":2,"peak":1,"rank":1,"#), "\(json.output)")
  }

  @Test func titlesAreShownBesideSongs() throws {
    let dates = try TwoDates(Self.week)
    let folder = try TemporaryFolder()
    try folder.write("sng_id,title,artist\n2,Two,B\n4,Four,D\n9,Nine,I\n", to: "songs.csv")
    let songs = folder.path(of: "songs.csv")
    #expect(
      try dates.compare("--country", "FR", "--songs", songs).output == Self.heading + """

        France (FR)

        rank        change  song  title  artist  streams  previous
           1          up 1     2  Two    B             6         4
           2           NEW     5  -      -             5         -
           3        down 2     1  -      -             4         5
           4        down 1     3  -      -             3         3
           -  left (was 4)     4  Four   D             -         2

        """)
    #expect(try dates.compare("--songs", songs).output.contains("Nine"))
    #expect(
      try dates.compare("--country", "FR", "--songs", songs, "--json").output.contains(
        #"{"artist":"D","previous":{"rank":4,"streams":2},"sng_id":4,"title":"Four"}"#))
  }

  @Test func jsonHasOneObjectPerChart() throws {
    let dates = try TwoDates(Self.week)
    #expect(
      try dates.compare("--country", "DE", "--country", "IT", "--json").output == #"""
        {"country":"DE","left":[],"previousWindow":{"coveredDays":1,"days":1,"first":"20260704","last":"20260704"},"songs":[{"current":{"rank":1,"streams":3},"previous":{"rank":1,"streams":2},"sng_id":1}],"window":{"coveredDays":1,"days":1,"first":"20260705","last":"20260705"}}
        {"country":"IT","left":[{"previous":{"rank":1,"streams":1},"sng_id":9}],"previousWindow":{"coveredDays":1,"days":1,"first":"20260704","last":"20260704"},"songs":[],"window":{"coveredDays":1,"days":1,"first":"20260705","last":"20260705"}}

        """#)
    #expect(try dates.compare("--user", "1", "--json").output.contains(#""user_id":1,"window""#))
  }

  /// Below the end of the shorter chart, it is not known which songs are new.
  @Test func chartsOfDifferentLengthsAreComparedToTheShorterOne() throws {
    let compare = try TwoDates(Self.week, tops: [2, 4]).compare("--country", "FR")
    #expect(
      compare.output == Self.heading + """
        top       2 songs compared; current charts have 4, previous charts 2

        France (FR)

        rank        change  song  streams  previous
           1          up 1     2        6         4
           2           NEW     5        5         -
           -  left (was 1)     1        -         5

        """)
  }

  @Test func aDateWithoutChartsIsMissingInput() throws {
    let dates = try TwoDates(Self.week)
    let compare = try ChartmillProcess.run(
      "compare", "--charts", dates.out.path, "20260703", "20260705")
    #expect(compare.errors.hasPrefix("chartmill: no charts for 20260703 in "))
    #expect(compare.output == "" && compare.status == 66)
  }

  /// Every song of both dates is shown once, at its place in the files.
  @Test func showsEverySongWhereTheFilesHaveIt() throws {
    struct Movement: Decodable {
      struct Place: Decodable, Equatable {
        let rank: Int
        let streams: Int
      }
      struct Song: Decodable {
        let song: Int
        let current: Place?
        let previous: Place?

        private enum CodingKeys: String, CodingKey {
          case current, previous
          case song = "sng_id"
        }
      }
      let country: String
      let songs: [Song]
      let left: [Song]
    }
    var random = RandomStream(seed: 31)
    let rows = (0..<2).map { _ in
      (0..<3000).map { _ in
        let country = ["AD", "DE", "FR", "IT", "US"][Int.random(in: 0..<5, using: &random)]
        return "\(Int.random(in: 1..<70, using: &random))|1|\(country)\n"
      }.joined()
    }
    let dates = try TwoDates(rows, tops: [20, 20])
    let files = try TwoDates.days.map { day in
      Charts.lines(try dates.out.readBytes("country_top20_\(day).txt")).map { line in
        line.split(separator: "|").map(String.init)
      }
    }
    func places(_ songs: [Movement.Song], _ place: (Movement.Song) -> Movement.Place?) -> String {
      songs.compactMap { song in place(song).map { (song.song, $0) } }
        .sorted { $0.1.rank < $1.1.rank }
        .map { "\($0):\($1.streams)" }.joined(separator: ",")
    }
    let lines = try dates.compare("--json").output.split(separator: "\n")
    let movements = try lines.map { try JSONDecoder().decode(Movement.self, from: Data($0.utf8)) }
    #expect(movements.map(\.country) == ["AD", "DE", "FR", "IT", "US"])
    for (index, movement) in movements.enumerated() {
      let all = movement.songs + movement.left
      #expect(places(all, \.previous) == files[0][index][1])
      #expect(places(all, \.current) == files[1][index][1])
      #expect(movement.left.allSatisfy { $0.current == nil })
      #expect(Set(all.map(\.song)).count == all.count)
    }
  }

  /// A comparison of windows with different numbers of days, or with missing days, says so.
  @Test func windowsOfDifferentLengthsAreReported() throws {
    let logs = try LogBook()
    for day in ["20260703", "20260705"] { try logs.add("1|1|FR\n", day: day) }
    let out = try TemporaryFolder()
    func run(_ date: String, _ days: String) throws {
      let run = try logs.run(["--days", days, "--date", date], out: out)
      try #require(run.status == 0, "\(run.errors)")
    }
    try run("20260703", "1")
    try run("20260705", "3")
    let arguments = ["compare", "--charts", out.path, "20260703", "20260705"]
    let words =
      "the charts for 20260705 cover 2 days, but those for 20260703 cover 1: "
      + "this causes part of the difference\n"
    let unlike = try ChartmillProcess.run(arguments)
    #expect(
      unlike.output.hasPrefix(
        "current   20260703 to 20260705, 2 of 3 days\n"
          + "previous  20260703 to 20260703, 1 of 1 day\n"))
    #expect(unlike.errors == "chartmill: warning: \(words)")
    let json = try ChartmillProcess.run(arguments + ["--json"])
    #expect(json.errors == "chartmill: warning: \(words)")
    #expect(json.output.hasPrefix("{"))
    let shown = try ChartmillProcess.run("show", "--charts", out.path, "--country", "FR")
    #expect(shown.output.hasPrefix("France (FR), 20260703 to 20260705, 2 of 3 days\n"))

    let report = try ChartmillProcess.run("report", "--charts", out.path)
    #expect(report.status == 0)
    let page = try out.read("report_20260705.html")
    #expect(page.contains("the previous charts, for 3 July 2026, cover 1 of 1 day: "))
    #expect(page.contains("They cover 1 of 1 day, which also changes ranks."))
    #expect(!page.contains("since 3 Jul"))
    // The windows are equally long, although days are missing in one of them.
    try run("20260703", "2")
    try run("20260705", "2")
    let alike = try ChartmillProcess.run(arguments)
    #expect(alike.errors == "")
    #expect(alike.output.hasPrefix("current   20260704 to 20260705, 1 of 2 days\n"))
  }
}
