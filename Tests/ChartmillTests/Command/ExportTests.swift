import Foundation
import Testing

@testable import ChartmillModel
@testable import ChartmillSynth

/// `export` gives the charts that `run` published, for exactly the listed users.
@Suite struct ExportTests {
  private static let endings = ["text": "txt", "csv": "csv", "jsonl": "jsonl"]

  /// A song as a record of an export has it.
  private struct Song: Decodable, Equatable {
    let sngId: UInt64
    let streams: Int
  }

  private struct Record: Decodable, Equatable {
    let userId: UInt64
    let country: String
    let chart: [Song]
    let countryChart: [Song]?
  }

  private static func chart(_ text: some StringProtocol) -> [Song] {
    text.split(separator: ",").map { song in
      let numbers = song.split(separator: ":")
      return Song(sngId: UInt64(numbers[0]) ?? 0, streams: Int(numbers[1]) ?? 0)
    }
  }

  private func book() throws -> LogBook {
    let book = try LogBook()
    try book.add(RandomLogs.text(seed: 3, rows: 5000, users: 300, songs: 200))
    return book
  }

  private func export(
    _ folder: TemporaryFolder, _ flags: String..., input: String? = nil
  ) throws -> ChartmillProcess {
    try ChartmillProcess.run(
      ["export", "--charts", folder.path, "--quiet"] + flags, inputPath: input)
  }

  /// The expected records, in the order of the files, made from the text files of a run.
  private func records(_ charts: Charts, of users: Set<String>?, campaign: Bool) -> [Record] {
    let countryCharts = Dictionary(
      uniqueKeysWithValues: charts.countryLines.map { line in
        (String(line.prefix(2)), Self.chart(line.dropFirst(3)))
      })
    return zip(charts.userLines, charts.userCountryLines).compactMap { user, country in
      let (user, country) = (user.split(separator: "|"), country.split(separator: "|"))
      if let users, !users.contains(String(user[0])) { return nil }
      return Record(
        userId: UInt64(user[0]) ?? 0, country: String(country[1]), chart: Self.chart(user[1]),
        countryChart: campaign ? countryCharts[String(country[1])] : nil)
    }
  }

  /// The records of an export in any format.
  private func parse(_ text: String, _ format: String) throws -> [Record] {
    let lines = text.split(separator: "\n")
    switch format {
    case "jsonl":
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try lines.map { try decoder.decode(Record.self, from: Data($0.utf8)) }
    case "text":
      return lines.map { line in
        let fields = line.split(separator: "|")
        return Record(
          userId: UInt64(fields[0]) ?? 0, country: String(fields[1]),
          chart: Self.chart(fields[2]),
          countryChart: fields.count > 3 ? Self.chart(fields[3]) : nil)
      }
    default:
      #expect(lines.first == "user_id,country,chart,rank,sng_id,streams")
      var records: [Record] = []
      for rows in lines.dropFirst().map({ $0.split(separator: ",") }).grouped(by: { $0[0] }) {
        let charts = rows.grouped { $0[2] }
        for chart in charts {
          #expect(chart.map { String($0[3]) } == chart.indices.map { "\($0 + 1)" })
        }
        #expect(charts.map { String($0[0][2]) } == Array(["user", "country"].prefix(charts.count)))
        let songs = charts.map { chart in
          chart.map { Song(sngId: UInt64($0[4]) ?? 0, streams: Int($0[5]) ?? 0) }
        }
        records.append(
          Record(
            userId: UInt64(rows[0][0]) ?? 0, country: String(rows[0][1]), chart: songs[0],
            countryChart: songs.count > 1 ? songs[1] : nil))
      }
      return records
    }
  }

  /// A random list in random order gives the charts of `run`, whatever the format of the charts and
  /// of the records, the number of partitions and the compression.
  @Test(arguments: ["text", "csv", "jsonl"], [[], ["--compress"]])
  func listedUsersGetTheirCharts(_ format: String, _ flags: [String]) throws {
    let book = try book()
    var random = RandomStream(seed: 9)
    for partitions in ["4", "256"] {
      let text = try book.run("--partitions", partitions).charts()
      let out = try TemporaryFolder()
      let run = try book.run(["--partitions", partitions, "--format", format] + flags, out: out)
      #expect(run.status == 0, "\(run.errors)")
      let all = text.userLines.map { String($0.prefix { $0 != "|" }) }
      for size in [7, 150, all.count] {
        let users = Array(all.shuffled(using: &random).prefix(size))
        let others = ["1000", "\(Int.max)", "77777777"]
        let lists = try TemporaryFolder()
        try lists.write(
          (users + others + users.prefix(3)).shuffled(using: &random).map { $0 + "\n" }.joined(),
          to: "users")
        for target in ["text", "csv", "jsonl"] {
          let campaign = size == 7 ? ["--campaign"] : []
          let process = try ChartmillProcess.run(
            [
              "export", "--charts", out.path, "--format", target, "--users", "users", "--missing",
              "missing",
            ] + campaign, in: lists)
          let label = "\(partitions) partitions, \(size) users, \(target)"
          #expect(process.status == 0, "\(label): \(process.errors)")
          #expect(
            try parse(process.output, target)
              == records(text, of: Set(users), campaign: !campaign.isEmpty), "\(label)")
          let missing = try lists.read("missing").split(separator: "\n")
          #expect(missing[0] == "# users without a chart on 20260705")
          #expect(Set(missing.dropFirst().map(String.init)) == Set(others))
          #expect(missing.count == 4)
        }
      }
    }
  }

  @Test(arguments: ["text", "csv", "jsonl"])
  func withoutAListAllUsersAreExported(_ format: String) throws {
    let book = try book()
    let text = try book.run().charts()
    let out = try TemporaryFolder()
    #expect(try book.run("--format", format, out: out).status == 0)
    let all = try export(out, "--campaign", "--format", format)
    #expect(all.status == 0 && all.errors == "", "\(all.errors)")
    #expect(try parse(all.output, format) == records(text, of: nil, campaign: true))
  }

  /// The lines are exact, because programs of others read them.
  @Test func theRecordOfEachFormatIsExact() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    try list.write("7\n", to: "users")
    func export(_ flags: String...) throws -> String {
      let process = try ChartmillProcess.run(
        ["export", "--charts", charts.path, "--users", "users"] + flags, in: list)
      #expect(process.status == 0, "\(process.errors)")
      return process.output
    }
    #expect(try export("--format", "text") == "7|FR|10:3,20:3,30:2\n")
    #expect(
      try export("--format", "text", "--campaign") == "7|FR|10:3,20:3,30:2|10:12,20:12,30:8\n")
    #expect(
      try export("--format", "csv", "--campaign") == """
        user_id,country,chart,rank,sng_id,streams
        7,FR,user,1,10,3
        7,FR,user,2,20,3
        7,FR,user,3,30,2
        7,FR,country,1,10,12
        7,FR,country,2,20,12
        7,FR,country,3,30,8

        """)
    let songs = #"[{"sng_id":10,"streams":3},{"sng_id":20,"streams":3},{"sng_id":30,"streams":2}]"#
    let fourTimes = songs.replacing(":3}", with: ":12}").replacing(":2}", with: ":8}")
    #expect(try export() == #"{"user_id":7,"country":"FR","chart":\#(songs)}"# + "\n")
    #expect(
      try export("--campaign")
        == #"{"user_id":7,"country":"FR","chart":\#(songs),"country_chart":\#(fourTimes)}"# + "\n")
  }

  /// Titles are text from outside. Each format writes them so that a reader gets the same text.
  @Test func titlesAndNamesAreEscaped() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    try list.write("7\n", to: "users")
    try list.write(
      "sng_id,title,artist\n10,\"Comma, \"\"quote\"\" \\\",A\n30,\"\u{1B}Two\nlines\",\nbad\n",
      to: "songs.csv")
    func export(_ flags: String...) throws -> ChartmillProcess {
      try ChartmillProcess.run(
        ["export", "--charts", charts.path, "--users", "users", "--songs", "songs.csv"] + flags,
        in: list)
    }
    let csv = try export("--format", "csv")
    #expect(
      csv.output == """
        user_id,country,country_name,chart,rank,sng_id,title,artist,streams
        7,FR,France,user,1,10,"Comma, ""quote"" \\",A,3
        7,FR,France,user,2,20,,,3
        7,FR,France,user,3,30,"\u{1B}Two
        lines","",2

        """)
    #expect(
      csv.errors.hasPrefix(
        "chartmill: warning: songs.csv: 1 line left out; line 5: no song id before the first comma\n"
      ))
    #expect(
      csv.errors.contains("\ntitles    2 in songs.csv; none for 1 of 3 songs in users' charts\n"))
    let jsonl = try export("--campaign", "--quiet").output
    #expect(
      jsonl.hasPrefix(
        #"{"user_id":7,"country":"FR","country_name":"France","chart":[{"sng_id":10,"#
          + #""title":"Comma, \"quote\" \\","artist":"A","streams":3},{"sng_id":20,"title":null,"#
          + #""artist":null,"streams":3},{"sng_id":30,"title":"\u001bTwo\u000alines","artist":"","#
          + #""streams":2}],"country_chart":[{"sng_id":10,"title":"#))
    #expect(!csv.errors.contains("no title for any song"))
    // Nobody reads the summary of a job, and mail without any title is rarely meant.
    try list.write("sng_id,title,artist\n11,One,A\n", to: "others.csv")
    let untitled = try ChartmillProcess.run(
      ["export", "--charts", charts.path, "--songs", "others.csv", "--quiet"], in: list)
    #expect(
      untitled.errors == """
        chartmill: warning: others.csv: no title for any song in users' charts. Does it hold the \
        song ids of the logs?

        """)
    #expect(untitled.status == 0)
    let text = try export("--format", "text")
    #expect(
      text.errors.hasPrefix(
        "chartmill: --format text has no place for the titles of --songs\n"))
    #expect(text.status == 64)
    for (content, message) in [
      ("7,One,A\n", "songs.csv:1: the first line is not sng_id,title,artist\n"),
      (
        "sng_id,title,artist\n1,\"One,A\n",
        "songs.csv:2: the quoted field that begins here has no end\n"
      ),
    ] {
      try list.write(content, to: "songs.csv")
      let process = try export("--out", "e.csv")
      #expect(process.errors.hasPrefix("chartmill: " + message), "\(process.errors)")
      #expect(process.status == 65)
      #expect(try list.names() == ["others.csv", "songs.csv", "users"])
    }
  }

  /// Every song of a random export gets its title, in both orders of the two passes.
  @Test(arguments: [[], ["--compress"]])
  func everySongGetsItsTitle(_ flags: [String]) throws {
    let book = try book()
    let out = try TemporaryFolder()
    #expect(try book.run(flags, out: out).status == 0)
    let folder = try TemporaryFolder()
    let songs = (0..<400).map { "\($0),Title \($0),Artist \($0 % 7)\n" }.reversed().joined()
    try folder.write("sng_id,title,artist\n" + songs, to: "songs.csv")
    try folder.write((0..<500).map { "\($0 * 3)\n" }.joined(), to: "users")
    try Tool.run("gzip", folder.path(of: "songs.csv"))
    for list in [[], ["--users", "users"]] {
      let process = try ChartmillProcess.run(
        ["export", "--charts", out.path, "--songs", "songs.csv.gz", "--campaign", "--quiet"] + list,
        in: folder)
      #expect(process.status == 0 && process.errors == "", "\(process.errors)")
      let lines = process.output.split(separator: "\n")
      #expect(lines.count == (list.isEmpty ? 300 : 100))
      for line in lines {
        for song in line.split(separator: "{\"sng_id\":").dropFirst() {
          let id = song.prefix { $0 != "," }
          let artist = (Int(id) ?? -1) % 7
          #expect(song.hasPrefix("\(id),\"title\":\"Title \(id)\",\"artist\":\"Artist \(artist)\""))
        }
      }
    }
  }

  /// The summary goes to standard output only if the records do not.
  @Test func theSummaryCountsTheList() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    // A heading, comments, blank lines, spaces, line ends of Windows, and a last line without one.
    try list.write("\u{FEFF}user_id\r\n# comment\n\n 7 \r\n99\n0007\n8", to: "users")
    func summary(_ text: String) -> [String] {
      text.split(separator: "\n").map(String.init)
        .filter { !$0.hasPrefix("memory") && !$0.hasPrefix("seconds") }
    }
    let expected = [
      "window    20260629 to 20260705, 1 of 7 days", "listed    4 ids, 1 repeated",
      "exported  2 users", "missing   1 listed user without a chart",
    ]
    let arguments = ["export", "--charts", charts.path, "--users", "users"]
    let streamed = try ChartmillProcess.run(arguments, in: list)
    #expect(summary(streamed.errors) == expected)
    #expect(streamed.output.hasPrefix(#"{"user_id":"#))
    let written = try ChartmillProcess.run(arguments + ["--out", "e.jsonl"], in: list)
    #expect(summary(written.output) == expected + ["records   e.jsonl, 234B"])
    #expect(written.errors == "")
    #expect(try list.read("e.jsonl") == streamed.output)
    #expect(try list.names() == ["e.jsonl", "users"])
    let piped = try ChartmillProcess.run(
      ["export", "--charts", charts.path, "--users", "-", "--quiet"],
      inputPath: list.path(of: "users"))
    #expect(piped.output == streamed.output && piped.errors == "")
    try Tool.run("gzip", list.path(of: "users"))
    let packed = try ChartmillProcess.run(
      ["export", "--charts", charts.path, "--users", "users.gz", "--quiet"], in: list)
    #expect(packed.output == streamed.output)
  }

  /// A list with a mistake exports nothing. The message says where the mistake is.
  @Test func mistakesInTheListAreReported() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    let help =
      "\n  The export is not complete. The list holds one user id per line, "
      + "a number from 0 to 9223372036854775807.\n"
    for (text, message) in [
      ("7\nseven\n", "users:2: not a user id: 'seven'" + help),
      ("7\n-1\n", "users:2: not a user id: '-1'" + help),
      ("7,8\n", "users:1: not a user id: '7,8'" + help),
      ("9223372036854775808\n", "users:1: not a user id: '9223372036854775808'" + help),
      ("7\nuser_id\n", "users:2: not a user id: 'user_id'" + help),
      ("7\n\u{1B}[31m\n", #"users:2: not a user id: '\x1b[31m'"# + help),
      ("", "users: no user ids" + help),
      ("user_id\n", "users: no user ids" + help),
      (
        "7\n" + String(repeating: "1", count: 5000) + "\n",
        "users:2: a line is longer than 4,096 bytes\n  The export is not complete. Is it the right "
          + "file?\n"
      ),
    ] {
      try list.write(text, to: "users")
      let process = try ChartmillProcess.run(
        [
          "export", "--charts", charts.path, "--users", "users", "--out", "e.jsonl", "--missing",
          "m",
        ], in: list)
      #expect(process.errors == "chartmill: \(message)")
      #expect(process.status == 65 && process.output == "")
      #expect(try list.names() == ["users"])
    }
    let empty = try ChartmillProcess.run("export", "--charts", charts.path, "--users", "-")
    #expect(empty.errors.hasPrefix("chartmill: standard input: it was empty\n"))
    #expect(empty.status == 65)
    let none = try ChartmillProcess.run("export", "--charts", charts.path, "--users", "nowhere")
    #expect(none.errors.hasPrefix("chartmill: cannot read nowhere: ") && none.status == 66)
  }

  /// A list of users that have no charts is probably the wrong list.
  @Test func aListWithoutAnyUserOfTheChartsIsAnError() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    try list.write("100\n200\n", to: "users")
    let process = try ChartmillProcess.run(
      ["export", "--charts", charts.path, "--users", "users", "--out", "e.jsonl"], in: list)
    #expect(
      process.errors == """
        chartmill: none of the 2 listed users has a chart for 20260705
          Nothing was exported. Does the list hold the user ids of the logs?

        """)
    #expect(process.status == 66 && process.output == "")
    #expect(try list.names() == ["users"])
  }

  /// Damaged charts give an error and no file.
  @Test func chartsThatWereChangedAreBadData() throws {
    func expect(
      _ message: String, _ flags: String..., spoil: (PublishedCharts) throws -> Void,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let charts = try PublishedCharts()
      try spoil(charts)
      let list = try TemporaryFolder()
      try list.write((1...12).map { "\($0)\n" }.joined(), to: "users")
      for more in [["--users", "users"], []] {
        let process = try ChartmillProcess.run(
          ["export", "--charts", charts.path, "--campaign", "--out", "e.jsonl"] + more + flags,
          in: list)
        #expect(
          process.errors.hasPrefix("chartmill: \(charts.path)/\(message)"), "\(process.errors)",
          sourceLocation: sourceLocation)
        #expect(process.status == 65, sourceLocation: sourceLocation)
        #expect(try list.names() == ["users"], sourceLocation: sourceLocation)
      }
    }
    let (users, userCountries) = (PublishedCharts.users, PublishedCharts.userCountries)
    for name in [users, userCountries, PublishedCharts.countries] {
      try expect("\(name): ") { charts in
        try charts.replace(name, charts.text(of: name) + "1", vouching: false)
      }
      try expect("\(name):") { charts in
        let text = try charts.text(of: name).replacing("|", with: "!")
        try charts.replace(name, text, vouching: false)
      }
    }
    try expect("\(userCountries):") { charts in
      var lines = try charts.lines(of: userCountries)
      let line = try #require(lines.firstIndex { $0.hasPrefix("7|") })
      lines[line] = "8|FR"
      let text = lines.map { $0 + "\n" }.joined()
      try charts.replace(userCountries, text, vouching: false)
    }
    try expect("\(PublishedCharts.countries): no line for FR") { charts in
      let lines = try charts.lines(of: PublishedCharts.countries).filter { !$0.hasPrefix("FR") }
      try charts.replace(
        PublishedCharts.countries, lines.map { $0 + "\n" }.joined(), vouching: true)
    }
  }

  /// Without a list the files are read to their ends, so a changed byte is found even if the lines
  /// are well formed.
  @Test func anExportOfAllUsersChecksTheChecksum() throws {
    let charts = try PublishedCharts()
    let text = try charts.text(of: PublishedCharts.users).replacing("7|10:3,", with: "7|10:4,")
    try charts.replace(PublishedCharts.users, text, vouching: false)
    let list = try TemporaryFolder()
    let process = try ChartmillProcess.run(
      ["export", "--charts", charts.path, "--out", "e.jsonl"], in: list)
    #expect(process.errors.contains("its CRC-32 is "), "\(process.errors)")
    #expect(process.status == 65)
    #expect(try list.names() == [])
  }

  /// The list of missing users is then the only thing to look at, so it is written.
  @Test(arguments: [["--out", "e.jsonl"], []])
  func theMissingUsersAreWrittenEvenIfNobodyHasAChart(_ out: [String]) throws {
    let charts = try book().run()
    let folder = try TemporaryFolder()
    try folder.write("99999998\n99999999\n", to: "users")
    let process = try ChartmillProcess.run(
      ["export", "--charts", charts.out.path, "--users", "users", "--missing", "m"] + out,
      in: folder)
    #expect(process.status == 66)
    #expect(
      process.errors == """
        chartmill: none of the 2 listed users has a chart for 20260705
          Nothing was exported. Does the list hold the user ids of the logs?

        """)
    #expect(process.output == "")
    #expect(try folder.names() == ["m", "users"])
    let missing = try folder.read("m").split(separator: "\n").map(String.init)
    #expect(missing[0] == "# users without a chart on 20260705")
    #expect(Set(missing.dropFirst()) == ["99999998", "99999999"] && missing.count == 3)
  }

  /// `--out` and `--missing` replace only what they wrote before.
  @Test func otherFilesAreNotReplaced() throws {
    let charts = try PublishedCharts()
    let list = try TemporaryFolder()
    try list.write("7\n99\n", to: "users")
    try list.write("user_id,country\n7,FR\n", to: "notes.csv")
    func export(_ out: String, _ missing: String, _ format: String) throws -> ChartmillProcess {
      try ChartmillProcess.run(
        [
          "export", "--charts", charts.path, "--users", "users", "--campaign", "--out", out,
          "--missing", missing, "--format", format,
        ], in: list)
    }
    for (out, missing) in [("users", "m"), ("e", "users"), ("notes.csv", "m"), ("e", "notes.csv")] {
      let process = try export(out, missing, "text")
      #expect(process.status == 73, "\(process.errors)")
      #expect(try list.names() == ["notes.csv", "users"])
    }
    for out in [PublishedCharts.users, "listen-20260705.log.gz"] {
      #expect(try export("\(charts.path)/\(out)", "m", "text").status == 64)
    }
    // Any format replaces any other, and a list of missing users is a list of users.
    for format in ["text", "csv", "jsonl", "text"] {
      #expect(try export("e", "m", format).status == 0)
      #expect(try export("m", "e", format).status == 73)
    }
    try list.write(try list.read("m") + "7\n", to: "users")
    #expect(try export("e", "users", "csv").status == 0)
    #expect(try list.read("users") == "# users without a chart on 20260705\n99\n")
  }

  @Test func aReaderThatStopsReadingIsNoFailure() throws {
    let book = try book()
    let out = try TemporaryFolder()
    #expect(try book.run(out: out).status == 0)
    let piped = try ChildProcess(
      "/bin/sh",
      [
        "-c",
        "(\(ChartmillProcess.binary.path) export --charts \(out.path); echo $? >&2) | head -n 1",
      ])
    let outcome = piped.wait()
    #expect(outcome.output.hasPrefix(#"{"user_id":"#) && outcome.output.hasSuffix("\n"))
    #expect(outcome.errors.hasSuffix("0\n"))
  }

  /// A list of three million ids, which does not fit the memory for ids, from charts with long
  /// lines.
  @Test func memoryStaysBelow64MiB() throws {
    let book = try LogBook()
    try book.add(RandomLogs.text(seed: 5, rows: 300_000, users: 1000, songs: 20_000))
    let out = try TemporaryFolder()
    #expect(try book.run("--top", "1000", "--compress", out: out).status == 0)
    let list = try TemporaryFolder()
    var ids: [UInt8] = []
    for id in 0..<3_000_000 { ids += "\(id &* 7919 % 3_000_017)\n".utf8 }
    try list.write(ids, to: "users")
    for format in ["jsonl", "csv"] {
      let child = try ChildProcess(chartmill: [
        "export", "--charts", out.path, "--users", list.path(of: "users"), "--campaign",
        "--format", format, "--out", list.path(of: "export"),
      ])
      let outcome = child.wait()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.peakResident <= 64 << 20)
      #expect(outcome.peakResident > 16 << 20)
      print("export: peak memory \(outcome.peakResident >> 10) KiB")
    }
  }
}

extension Collection {
  /// Adjacent elements with the same key, as one array each.
  fileprivate func grouped<Key: Equatable>(by key: (Element) -> Key) -> [[Element]] {
    reduce(into: []) { groups, element in
      if let last = groups.last?.last, key(last) == key(element) {
        groups[groups.count - 1].append(element)
      } else {
        groups.append([element])
      }
    }
  }
}
