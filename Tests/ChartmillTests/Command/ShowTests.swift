import Foundation
import Testing

@testable import ChartmillCore

@Suite struct ShowTests {
  @Test(arguments: [[], ["--compress"]])
  func showsTheChartsOfAUser(_ flags: [String]) throws {
    let show = try PublishedCharts(flags: flags).show("--user", "7")
    #expect(show.errors == "")
    #expect(
      show.output == """
        user 7, 20260629 to 20260705, 1 of 7 days

        rank  song  streams  share
           1    10        3  37.5%
           2    20        3  37.5%
           3    30        2  25.0%

        share: part of the 8 streams listed in this chart

        """)
    #expect(show.status == 0)
  }

  @Test(arguments: [[], ["--compress"]])
  func showsAUserWithTheChartOfTheirCountry(_ flags: [String]) throws {
    let charts = try PublishedCharts(flags: flags)
    let campaign = try charts.show("--user", "7", "--campaign")
    let (user, country) = (try charts.show("--user", "7"), try charts.show("--country", "FR"))
    #expect(
      campaign.output
        == user.output + "\nuser 7 streamed most in France (FR)\n\n" + country.output)
    #expect(
      country.output == """
        France (FR), 20260629 to 20260705, 1 of 7 days

        rank  song  streams  share
           1    10       12  37.5%
           2    20       12  37.5%
           3    30        8  25.0%

        share: part of the 32 streams listed in this chart

        """)
  }

  @Test func jsonHasOneObject() throws {
    let charts = try PublishedCharts()
    let chart =
      #"{"listedStreams":8,"songs":[{"rank":1,"share":0.375,"sng_id":10,"streams":3},"#
      + #"{"rank":2,"share":0.375,"sng_id":20,"streams":3},"#
      + #"{"rank":3,"share":0.25,"sng_id":30,"streams":2}]}"#
    let fourTimes = chart.replacingOccurrences(
      of: #""listedStreams":8"#, with: #""listedStreams":32"#
    )
    .replacingOccurrences(of: #""streams":3"#, with: #""streams":12"#)
    .replacingOccurrences(of: #""streams":2}"#, with: #""streams":8}"#)
    let window =
      #""window":{"coveredDays":1,"days":7,"first":"20260629","last":"20260705"}"#
    #expect(
      try charts.show("--user", "7", "--json").output
        == #"{"userChart":\#(chart),"user_id":7,\#(window)}"# + "\n")
    #expect(
      try charts.show("--country", "FR", "--json").output
        == #"{"country":"FR","countryChart":\#(fourTimes),\#(window)}"# + "\n")
    #expect(
      try charts.show("--user", "7", "--campaign", "--json").output
        == #"{"country":"FR","countryChart":\#(fourTimes),"userChart":\#(chart),"user_id":7,"#
        + #"\#(window)}"#
        + "\n")
  }

  /// Titles are text from outside: control characters are shown, and long titles are cut.
  @Test func titlesAreShownBesideSongs() throws {
    let charts = try PublishedCharts()
    let folder = try TemporaryFolder()
    try folder.write(
      "sng_id,title,artist\n30,\u{1B}[2JThree,C\n10,\(String(repeating: "long ", count: 9)),A\n",
      to: "songs.csv")
    let songs = folder.path(of: "songs.csv")
    #expect(
      try charts.show("--user", "7", "--songs", songs).output == """
        user 7, 20260629 to 20260705, 1 of 7 days

        rank  song  title                                     artist  streams  share
           1    10  long long long long long long long long…  A             3  37.5%
           2    20  -                                         -             3  37.5%
           3    30  \\x1b[2JThree                              C             2  25.0%

        share: part of the 8 streams listed in this chart

        """)
    let json = try charts.show("--country", "FR", "--songs", songs, "--json").output
    #expect(json.contains(#""sng_id":30,"streams":8,"title":"\u001b[2JThree"}"#), "\(json)")
    #expect(json.contains(#""sng_id":20,"streams":12}"#), "\(json)")
    let missing = try charts.show("--user", "7", "--songs", "nowhere.csv")
    #expect(missing.errors.hasPrefix("chartmill: cannot read nowhere.csv: "))
    #expect(missing.output == "" && missing.status == 66)
  }

  /// The countries whose charts have a song, best rank first.
  @Test func showsASongInAllCountries() throws {
    let logs = try LogBook()
    let out = try TemporaryFolder()
    try logs.add(
      String(repeating: "5|1|FR\n", count: 3) + "6|1|FR\n" + "5|2|DE\n7|2|DE\n7|2|DE\n"
        + "5|3|XX\n9|3|IT\n")
    #expect(try logs.run("--allow-country", "XX", out: out).status == 0)
    func show(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["show", "--charts", out.path] + flags)
    }
    #expect(
      try show("--song", "5").output == """
        song 5, 20260629 to 20260705, 1 of 7 days

        rank  country       streams   share
           1  France (FR)         3   75.0%
           1  XX                  1  100.0%
           2  Germany (DE)        1   33.3%

        in the charts of 3 of 4 countries; share: part of all streams of the country

        """)
    try out.write("sng_id,title,artist\n5,\u{1B}Five,Jackson\n", to: "songs.csv")
    let titled = try show("--song", "5", "--songs", out.path(of: "songs.csv"), "--history")
    #expect(
      titled.output.hasPrefix(#"song 5, \x1bFive by Jackson, 20260629 to 20260705, 1 of 7 days"#))
    #expect(titled.output.contains("   2  Germany (DE)        1   33.3%     2     1\n"))
    #expect(
      titled.output.hasSuffix(
        "\npeak, days: best rank, and dates in the chart, of the only date in the folder, 20260705\n"
      ))
    #expect(
      try show("--song", "5", "--json").output.hasPrefix(
        #"{"countries":[{"country":"FR","rank":1,"share":0.75,"streams":3},{"country":"XX","#))
    let none = try show("--song", "8")
    #expect(
      none.errors == """
        chartmill: song 8 is in no country's chart for 20260705
          A chart lists only the songs with the most streams. Other songs are not in the files.

        """)
    #expect(none.status == 66 && none.output == "")
    for flag in [["--user", "1"], ["--country", "FR"], ["--campaign"]] {
      let both = try ChartmillProcess.run(["show", "--charts", out.path, "--song", "5"] + flag)
      #expect(both.errors.hasPrefix("chartmill: both --song and \(flag[0]) were given\n"))
      #expect(both.status == 64)
    }
  }

  /// Without `--date`, the names of the manifests decide which date is the newest.
  @Test func showsTheNewestDateOrTheNamedOne() throws {
    let logs = try LogBook()
    let out = try TemporaryFolder()
    for (day, song) in [("20260705", 5), ("20260704", 4)] {
      try logs.add("\(song)|1|FR\n", day: day)
      #expect(try logs.run("--days", "1", "--date", day, out: out).status == 0)
    }
    func show(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(["show", "--charts", out.path, "--user", "1"] + flags)
    }
    #expect(try show().output.hasPrefix("user 1, 20260705 to 20260705\n"))
    let older = try show("--date", "20260704")
    #expect(older.output.hasPrefix("user 1, 20260704 to 20260704\n"))
    #expect(older.output.contains("\n   1     4        1  100.0%\n"))
    let none = try show("--date", "20260703")
    #expect(none.errors.hasPrefix("chartmill: no charts for 20260703 in "))
    #expect(none.status == 66)
  }

  @Test func aCountryInSmallLetters() throws {
    let charts = try PublishedCharts()
    let small = try charts.show("--country", "fr")
    #expect(small.status == 0 && small.output.hasPrefix("France (FR), "), "\(small.errors)")
    #expect(small.output == (try charts.show("--country", "FR").output))
  }

  @Test func aUserWithoutAChartIsMissingInput() throws {
    let charts = try PublishedCharts()
    let user = try charts.show("--user", "13", "--campaign")
    #expect(
      user.errors == """
        chartmill: user 13 has no chart for 20260705
          A user has a chart only if they streamed something during its days.

        """)
    #expect(user.output == "" && user.status == 66)
    let country = try charts.show("--country", "US")
    #expect(
      country.errors == """
        chartmill: US has no chart for 20260705
          A country has a chart only if users streamed something there during its days.

        """)
    #expect(country.output == "" && country.status == 66)
    #expect(try ChartmillProcess.run("show", "--charts", "missing", "--user", "1").status == 66)
  }

  /// A file that differs from its manifest is not shown. The error names the file and the place.
  @Test func filesThatWereChangedAreBadData() throws {
    func expect(
      _ flags: [String], _ message: String, _ spoil: (PublishedCharts) throws -> Void,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let charts = try PublishedCharts()
      try spoil(charts)
      let show = try ChartmillProcess.run(["show", "--charts", charts.path] + flags)
      #expect(
        show.errors.hasPrefix("chartmill: \(charts.path)/\(message)"), "\(show.errors)",
        sourceLocation: sourceLocation)
      #expect(show.output == "" && show.status == 65, sourceLocation: sourceLocation)
    }
    let (users, userCountries) = (PublishedCharts.users, PublishedCharts.userCountries)
    let countries = PublishedCharts.countries
    for (name, flags) in [
      (users, ["--user", "7"]), (userCountries, ["--user", "7", "--campaign"]),
      (countries, ["--country", "FR"]),
    ] {
      try expect(flags, "\(name): ") { charts in
        try charts.replace(name, charts.text(of: name) + "1", vouching: false)
      }
      try expect(flags, "\(name): the manifest lists this file, but it does not exist") {
        try $0.remove(name)
      }
      // The size stays the same. The error gives the column of the control character instead of
      // printing it.
      try expect(flags, "\(name):") { charts in
        let text = try charts.text(of: name).replacingOccurrences(of: "|", with: "\u{1B}")
        try charts.replace(name, text, vouching: false)
      }
    }
    try expect(["--country", "FR"], "\(countries):1: ") { charts in
      try charts.replace(
        countries,
        charts.text(of: countries).replacingOccurrences(
          of: "|10:12", with: "|10:9000000000000000000"),
        vouching: true)
    }
    // The user's country has no chart, or the user has no country.
    try expect(["--user", "7", "--campaign"], "\(countries): no line for FR") { charts in
      let lines = try charts.lines(of: countries).filter { !$0.hasPrefix("FR") }
      try charts.replace(countries, lines.map { $0 + "\n" }.joined(), vouching: true)
    }
    try expect(["--user", "7", "--campaign"], "\(userCountries): no line for 7") { charts in
      let lines = try charts.lines(of: userCountries).filter { !$0.hasPrefix("7|") }
      try charts.replace(userCountries, lines.map { $0 + "\n" }.joined(), vouching: true)
      try charts.editManifest { $0.outputs[2].lines = 12 }
    }
    try expect(["--user", "7"], "\(PublishedCharts.manifest): not a valid manifest") { charts in
      try charts.replace(PublishedCharts.manifest, "{}", vouching: false)
    }
  }

  @Test func damagedGzipIsBadData() throws {
    let charts = try PublishedCharts(flags: ["--compress"])
    let path = "\(charts.path)/\(PublishedCharts.users).gz"
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in data.indices { data[index] ^= 0x55 }
    try data.write(to: URL(fileURLWithPath: path))
    let show = try charts.show("--user", "7")
    #expect(show.errors.hasPrefix("chartmill: \(path): "), "\(show.errors)")
    #expect(show.errors.contains("\n  The files have changed since they were published."))
    #expect(show.output == "" && show.status == 65)
  }
}
