import Foundation
import Testing

@testable import ChartmillModel

@Suite struct VerifyTests {
  @Test func publishedChartsAreCorrect() throws {
    let charts = try PublishedCharts()
    let verify = try charts.verify()
    #expect(verify.errors == "")
    #expect(verify.output == "20260705: OK, 3 files match the manifest, 12 users, 3 countries\n")
    #expect(verify.status == 0)
    #expect(try charts.verify("--date", "20260705", "--quiet").output == "")
  }

  @Test func jsonHasOneObjectPerDate() throws {
    let charts = try PublishedCharts()
    #expect(
      try charts.verify("--json").output
        == #"{"countries":3,"date":"20260705","outputs":["\#(PublishedCharts.countries)","#
        + #""\#(PublishedCharts.users)","user_country_20260705.txt"],"status":"verified","users":12}"#
        + "\n")
  }

  /// An output may be in several files, which are checked as one. Differences name the file and its
  /// line.
  @Test func partsAreCheckedAsOneFile() throws {
    let charts = try PublishedCharts()
    let whole = try charts.lines(of: PublishedCharts.users)
    let names = try charts.split()
    try #require(names.allSatisfy { $0.count > 1 })
    let count = names[0].count + names[1].count + 1
    let sound = try charts.verify()
    #expect(sound.errors == "")
    #expect(
      sound.output == "20260705: OK, \(count) files match the manifest, 12 users, 3 countries\n")
    #expect(try names[0].flatMap { try charts.lines(of: $0) } == whole)
    for user in 1...12 {
      let shown = try charts.show("--user", "\(user)", "--json")
      #expect(shown.status == 0, "\(shown.errors)")
    }
    #expect(try charts.show("--user", "13").status == 66)

    let last = names[0][names[0].count - 1]
    let text = try charts.text(of: last)
    func expect(_ message: String, _ changed: String) throws {
      try charts.replace(last, changed, vouching: false)
      let verify = try charts.verify()
      #expect(verify.status == 65)
      #expect(verify.errors.contains("/\(last)\(message)"), "\(verify.errors)")
    }
    try expect(":1: not a valid chart line, from column 1 on", "x" + text.dropFirst())
    let lines = text.count { $0 == "\n" }
    try expect(":\(lines): the last line does not end", String(text.dropLast()))
    try expect(":\(lines + 1): not a valid chart line, from column 1 on", text + "\n")
    try charts.replace(last, text, vouching: false)
    #expect(try charts.verify().status == 0)
    // Two files in the wrong order have the right sizes, but not the right users.
    try charts.editManifest { $0.outputs[1].files?.swapAt(0, 1) }
    #expect(try charts.verify().status == 65)
    try charts.editManifest { $0.outputs[1].files?.swapAt(0, 1) }
    try charts.remove(last)
    for process in [try charts.verify(), try charts.show("--user", "1")] {
      #expect(process.status == 65)
      #expect(process.errors.contains("/\(last): the manifest lists this file, but it does not"))
    }
  }

  /// One change to a file. The manifest has the size, CRC and number of lines of the changed file.
  struct Spoiled: CustomTestStringConvertible {
    let testDescription: String
    let name: String
    /// The part of the message after the path: `:LINE: problem`.
    let problem: String
    /// A change to the other user file, so that both have the same users.
    let editsHomesToo: Bool
    let edit: @Sendable (inout [String]) -> Void

    init(
      _ name: String, _ what: String, _ problem: String, editsHomesToo: Bool = false,
      _ edit: @escaping @Sendable (inout [String]) -> Void
    ) {
      testDescription = what
      self.name = name
      self.problem = problem
      self.editsHomesToo = editsHomesToo
      self.edit = edit
    }
  }

  static let spoiled = [
    Spoiled(PublishedCharts.countries, "countries swapped", ":2: out of order") {
      $0.swapAt(0, 1)
    },
    Spoiled(PublishedCharts.countries, "a country twice", ":2: the same user or country") {
      $0.insert($0[0], at: 0)
    },
    Spoiled(
      PublishedCharts.countries, "small letters",
      ":1: not a valid chart line, from column 1 on"
    ) {
      $0[0] = $0[0].lowercased()
    },
    Spoiled(PublishedCharts.users, "users swapped", ":2: out of order", editsHomesToo: true) {
      $0.swapAt(0, 1)
    },
    Spoiled(
      PublishedCharts.users, "users ascending, not by partition", ": out of order",
      editsHomesToo: true
    ) {
      $0.sort { Int($0.prefix { $0 != "|" }) ?? 0 < Int($1.prefix { $0 != "|" }) ?? 0 }
    },
    Spoiled(PublishedCharts.users, "a user twice", ":3: the same user or country") {
      $0[2] = $0[1]
    },
    Spoiled(PublishedCharts.users, "a leading zero", ":1: not a valid chart line") {
      $0[0] = "0" + $0[0]
    },
    Spoiled(
      PublishedCharts.users, "an empty line", ":4: not a valid chart line, from column 1 on"
    ) {
      $0[3] = ""
    },
    Spoiled(PublishedCharts.users, "no chart", ":4: not a valid chart line") {
      $0[3] = $0[3].prefix { $0 != "|" } + "|"
    },
    Spoiled(PublishedCharts.users, "a comma at the end", ":1: not a valid chart line") {
      $0[0] += ","
    },
    Spoiled(PublishedCharts.users, "a space", ":1: not a valid chart line") {
      $0[0] = $0[0].replacingOccurrences(of: ",", with: ", ")
    },
    Spoiled(PublishedCharts.users, "carriage returns", ":1: not a valid chart line") {
      $0[0] += "\r"
    },
    Spoiled(PublishedCharts.users, "no streams", ":1: not a valid chart line") {
      $0[0] = $0[0].replacingOccurrences(of: "30:2", with: "30:0")
    },
    Spoiled(PublishedCharts.users, "a song id over 2^63 - 1", ":1: not a valid chart line") {
      $0[0] = $0[0].replacingOccurrences(of: "|10:", with: "|9223372036854775808:")
    },
    Spoiled(PublishedCharts.users, "ties by larger id", ":5: song 3 of the chart belongs before") {
      $0[4] = $0[4].replacingOccurrences(of: "20:3,30:2", with: "30:2,20:2")
    },
    Spoiled(PublishedCharts.users, "fewer streams first", ":5: song 2 of the chart") {
      $0[4] = $0[4].replacingOccurrences(of: "10:3,20:3", with: "10:2,20:3")
    },
    Spoiled(PublishedCharts.users, "a song twice in a row", ":5: song 20 is in the chart twice") {
      $0[4] = $0[4].replacingOccurrences(of: "30:2", with: "20:3")
    },
    Spoiled(PublishedCharts.users, "a song twice apart", ":5: song 10 is in the chart twice") {
      $0[4] = $0[4].replacingOccurrences(of: "30:2", with: "10:2")
    },
    Spoiled(PublishedCharts.users, "more songs than the top", ":5: 4 songs or more") {
      $0[4] += ",99:1"
    },
    Spoiled(
      PublishedCharts.users, "more streams than rows",
      ": the charts list 1000093 streams in total, but the manifest has only 132 rows"
    ) {
      $0[4] = $0[4].replacingOccurrences(of: "|10:3", with: "|10:1000000")
    },
    Spoiled(PublishedCharts.users, "an endless line", ":1: a line is longer than") {
      $0[0] += String(repeating: "9", count: 1 << 20)
    },
    Spoiled(
      PublishedCharts.userCountries, "another user's country",
      ":3: the same line of "
    ) {
      $0.swapAt(2, 3)
    },
    Spoiled(PublishedCharts.userCountries, "no country", ":2: not a valid chart line, from column")
    {
      $0[1].removeLast(3)
    },
    Spoiled(PublishedCharts.userCountries, "three letters", ":2: not a valid chart line") {
      $0[1] += "A"
    },
  ]

  @Test(arguments: spoiled)
  func findsWrongLinesThatFitTheManifest(_ spoiled: Spoiled) throws {
    let charts = try PublishedCharts()
    var lines = try charts.lines(of: spoiled.name)
    let before = lines
    spoiled.edit(&lines)
    #expect(lines != before, "the edit changed nothing: \(before)")
    if spoiled.editsHomesToo {
      var userCountries = try charts.lines(of: PublishedCharts.userCountries)
      spoiled.edit(&userCountries)
      try charts.replace(
        PublishedCharts.userCountries, userCountries.map { $0 + "\n" }.joined(), vouching: true)
    }
    try charts.replace(
      spoiled.name, lines.map { $0 + "\n" }.joined(), vouching: true)
    let verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(verify.errors.hasPrefix("chartmill: \(charts.path)/\(spoiled.name)"))
    #expect(verify.errors.contains(spoiled.problem), "\(verify.errors)")
  }

  @Test(arguments: [
    PublishedCharts.countries, PublishedCharts.users, PublishedCharts.userCountries,
  ])
  func findsOtherBytesByTheirChecksum(_ name: String) throws {
    let charts = try PublishedCharts()
    let text = try charts.text(of: name)

    // With a different letter or digit, the line is still valid, so only the CRC differs.
    let other =
      name == PublishedCharts.userCountries ? text.dropLast(3) + "XX\n" : text.dropLast(2) + "1\n"
    try charts.replace(name, String(other), vouching: false)
    var verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(verify.errors.contains("\(name): its CRC-32 is "), "\(verify.errors)")

    try charts.replace(name, String(text.dropLast()), vouching: false)
    verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(
      verify.errors.contains(": the last line does not end with a line feed"), "\(verify.errors)")

    try charts.replace(name, "", vouching: false)
    verify = try charts.verify()
    #expect(verify.status == 65)

    try charts.remove(name)
    verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(verify.errors.contains("\(name): the manifest lists this file"))
  }

  /// One of the two user files lost its last line.
  @Test(arguments: [PublishedCharts.users, PublishedCharts.userCountries])
  func findsAUserInOneFileOnly(_ name: String) throws {
    let charts = try PublishedCharts()
    let lines = try charts.lines(of: name)
    try charts.replace(name, lines.dropLast().map { $0 + "\n" }.joined(), vouching: true)
    // The manifest still counts 12 users.
    #expect(try charts.verify().errors.contains(":12: the same line of "))
    try charts.editManifest { manifest in
      for index in manifest.outputs.indices where manifest.outputs[index].name != name {
        manifest.outputs[index].lines = manifest.outputs[index].name.hasPrefix("user") ? 11 : 3
      }
      manifest.totals.users = 11
      manifest.totals.usersByStreams[3] = 11
    }
    let verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(
      verify.errors.contains(":12: the same line of "), "\(verify.errors)")
  }

  @Test func findsAManifestThatDoesNotAddUp() throws {
    let edits: [(String, (inout Manifest) -> Void)] = [
      ("date", { $0.date = $0.date.advanced(by: 1) }),
      ("window", { $0.window.first = $0.window.first.advanced(by: 1) }),
      ("partitions", { $0.partitions = 3 }),
      ("partitions", { $0.partitions = Int.min }),
      ("top", { $0.top = 0 }),
      ("totals.accepted", { $0.totals.accepted += 1 }),
      ("inputs", { $0.inputs[0].accepted = Int.min }),
      ("totals.rejected", { $0.totals.rejected += 1 }),
      ("totals.rejected", { $0.totals.rejected = Int.max }),
      ("totals.streams", { $0.totals.streams -= 1 }),
      ("inputs", { $0.inputs[0].bytes = -1 }),
      ("window.missing", { $0.window.missing.removeLast() }),
      ("window.missing", { $0.window.missing[0] = $0.inputs[0].day }),
      ("window.missing", { $0.window.missing[0] = $0.date.advanced(by: 1) }),
      ("totals.rejectedByReason", { $0.totals.rejectedByReason[0].rows += 1 }),
      ("totals.logs", { $0.totals.logs += 1 }),
      ("inputs", { $0.inputs[0].rejectedByReason[0].rows += 1 }),
      ("inputs", { $0.inputs[0].rejectedByReason[0].name = "<script>" }),
      ("totals.usersByStreams", { $0.totals.usersByStreams[3] -= 1 }),
      ("totals.usersByStreams", { $0.totals.usersByStreams.append(0) }),
      ("totals.usersByStreams", { $0.totals.usersByStreams[0] = Int.min }),
      ("totals.usersByStreams", { $0.totals.usersByStreams = [12] }),
      ("totals.usersByStreams", { $0.totals.usersByStreams = [0, 0, 0, 0, 12] }),
      (
        "totals.usersByStreams",
        { $0.totals.usersByStreams = Array(repeating: 0, count: 63) + [12] }
      ),
      ("totals.streamsByCountry", { $0.totals.streamsByCountry[0].streams += 1 }),
      ("totals.streamsByCountry", { $0.totals.streamsByCountry.swapAt(0, 1) }),
      ("totals.streamsByCountry", { $0.totals.streamsByCountry[2].country = "<>" }),
      ("totals.streamsByCountry", { $0.totals.streamsByCountry.removeLast() }),
      ("run.seconds", { $0.run.seconds.chart = -1 }),
      ("run.seconds", { $0.run.seconds.total = 1e300 }),
      ("run.peakResident", { $0.run.peakResident = -1 }),
      ("outputs.1.partitionStarts", { $0.outputs[1].partitionStarts.removeLast() }),
      ("outputs.1.partitionStarts", { $0.outputs[1].partitionStarts[1] = -1 }),
      ("outputs.1.partitionStarts", { $0.outputs[1].partitionStarts[3] = Int.max }),
      ("outputs.2.partitionStarts", { $0.outputs[2].partitionStarts[0] = 1 }),
      ("outputs.0.partitionStarts", { $0.outputs[0].partitionStarts.append(1) }),
      ("outputs.1.files", { $0.outputs[1].files = [] }),
      ("outputs.1.files", { $0.outputs[1].files = ["a", "b", "c", "d", "e"] }),
      ("outputs.0.files", { $0.outputs[0].files = ["a", "b"] }),
      ("outputs.0.files", { $0.outputs[0].files = ["/etc/passwd"] }),
      ("outputs.0.files", { $0.outputs[0].files = ["a/../../b"] }),
      ("outputs.0.files", { $0.outputs[0].files = ["a//b"] }),
      ("outputs.0.files", { $0.outputs[0].files = [String(repeating: "a", count: 201)] }),
      ("outputs", { $0.outputs.removeLast() }),
      ("outputs", { $0.outputs.append($0.outputs[0]) }),
      ("outputs.../../etc/passwd", { $0.outputs[0].name = "../../etc/passwd" }),
    ]
    for (key, edit) in edits {
      let charts = try PublishedCharts()
      try charts.editManifest(edit)
      let verify = try charts.verify()
      #expect(verify.status == 65, "\(key)")
      #expect(
        verify.errors.contains("'\(key)' does not agree with the rest of the manifest"),
        "\(verify.errors)")
    }
  }

  /// The manifest has the right numbers of users and streams, but in the wrong buckets.
  @Test func findsOtherUsersByStreams() throws {
    let charts = try PublishedCharts()
    // All 12 users have 11 streams, and their charts list 8 of them. No user can have 4 to 7
    // streams.
    try charts.editManifest { $0.totals.usersByStreams = [0, 0, 1, 11] }
    let verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(
      verify.errors.hasPrefix(
        "chartmill: \(charts.path)/\(PublishedCharts.users): the numbers of "
          + "users per stream bucket differ from the manifest's (usersByStreams)"
      ),
      "\(verify.errors)")
  }

  /// A full chart lists some of a country's streams. A chart that is not full lists all of them.
  @Test func findsOtherStreamsOfACountry() throws {
    for (top, streams, problem) in [
      (3, 31, "the chart lists 32 streams, but the manifest gives this country 31\n"),
      (50, 45, "the chart lists 44 streams, but the manifest gives this country 45\n"),
    ] {
      let charts = try PublishedCharts(flags: ["--top", "\(top)"])
      try charts.editManifest { manifest in
        manifest.totals.streamsByCountry[0].streams = streams
        manifest.totals.streamsByCountry[1].streams = 88 - streams
      }
      let verify = try charts.verify()
      #expect(verify.status == 65)
      #expect(
        verify.errors.hasPrefix(
          "chartmill: \(charts.path)/country_top\(top)_20260705.txt:1: \(problem)"),
        "\(verify.errors)")
    }
  }

  /// The number of partitions decides the order of the users.
  @Test func usersAreInTheOrderOfTheManifestsPartitions() throws {
    let charts = try PublishedCharts()
    try charts.editManifest { manifest in
      manifest.partitions = 64
      for output in 1...2 {
        manifest.outputs[output].partitionStarts = Array(repeating: 0, count: 64)
      }
    }
    let verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(verify.errors.contains(": out of order"))
  }

  /// A lookup begins to read a file at the start of a partition.
  @Test(arguments: [[], ["--compress"]])
  func partitionsBeginWhereTheManifestSays(_ flags: [String]) throws {
    for (output, name) in [(1, PublishedCharts.users), (2, PublishedCharts.userCountries)] {
      let charts = try PublishedCharts(flags: flags)
      // In the manifest, partition 1 begins where partition 2 does, so it is empty.
      try charts.editManifest { manifest in
        manifest.outputs[output].partitionStarts[1] = manifest.outputs[output].partitionStarts[2]
      }
      let verify = try charts.verify()
      #expect(verify.status == 65)
      #expect(
        verify.errors.hasPrefix("chartmill: \(charts.path)/\(name)"), "\(verify.errors)")
      #expect(
        verify.errors.contains(": partition 1 does not begin where the manifest says"),
        "\(verify.errors)")
    }
  }

  @Test func aFolderWithoutAManifestIsMissingInput() throws {
    let charts = try PublishedCharts()
    #expect(try charts.verify("--date", "20260704").status == 66)
    try charts.remove(PublishedCharts.manifest)
    let verify = try charts.verify()
    #expect(verify.status == 66)
    #expect(verify.errors.contains("there is no manifest"))
    #expect(try ChartmillProcess.run("verify", "--charts", "\(charts.path)/missing").status == 66)
  }

  @Test func aFileThatIsNoManifestIsBadData() throws {
    for text in ["", "{", "[]", "{\"format\": 2}", "{\"format\": 1}", "null\u{0}"] {
      let charts = try PublishedCharts()
      try charts.replace(PublishedCharts.manifest, text, vouching: false)
      #expect(try charts.verify().status == 65, "\(text)")
    }
  }

  /// The lines of compressed charts are checked like others. The checksums are those of the
  /// compressed files.
  @Test func compressedChartsAreChecked() throws {
    let charts = try PublishedCharts(flags: ["--compress"])
    var verify = try charts.verify()
    #expect(verify.errors == "")
    #expect(verify.status == 0)
    // A change that gzip ignores shows only in the checksum.
    let path = "\(charts.path)/\(PublishedCharts.users).gz"
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    data[4] ^= 1  // The time stamp of the first member
    try data.write(to: URL(fileURLWithPath: path))
    verify = try charts.verify()
    #expect(verify.status == 65)
    #expect(verify.errors.contains(": its CRC-32 is "), "\(verify.errors)")
    try data.dropLast(4).write(to: URL(fileURLWithPath: path))
    #expect(try charts.verify().status == 65)
  }
}
