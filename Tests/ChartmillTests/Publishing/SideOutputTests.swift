import Foundation
import Testing

@testable import ChartmillModel

/// A flag that names an output file replaces only files that were written for that flag.
@Suite struct SideOutputTests {
  private let bench: StateBench
  private let folder: TemporaryFolder

  init() throws {
    bench = try StateBench(days: 2, rows: 300)
    folder = try TemporaryFolder()
    let made = try bench.run([
      "--metrics", folder.path(of: "a.prom"), "--rejects", folder.path(of: "a.gz"),
    ])
    try #require(made.status == 0, "\(made.errors)")
    let report = try ChartmillProcess.run(
      "report", "--charts", bench.out, "--html", folder.path(of: "a.html"))
    try #require(report.status == 0, "\(report.errors)")
    try folder.write("", to: "empty")
    try folder.write("# HELP me\n", to: "notes.txt")
    try folder.write("<!DOCTYPE html>\n<p>mine</p>\n", to: "mine.html")
    try FileManager.default.copyItem(
      atPath: bench.log(bench.days[0]), toPath: folder.path(of: "renamed.gz"))
    try FileManager.default.copyItem(
      atPath: bench.rollup(of: bench.days[0]), toPath: folder.path(of: "renamed-rollup.gz"))
  }

  private func write(_ flag: String, _ path: String) throws -> ChartmillProcess {
    if flag == "--html" {
      return try ChartmillProcess.run("report", "--charts", bench.out, "--html", path)
    }
    return try bench.run([flag, path], state: false, out: folder.path(of: "out"))
  }

  private static let own = ["--metrics": "a.prom", "--html": "a.html", "--rejects": "a.gz"]

  @Test(arguments: ["--metrics", "--html", "--rejects"])
  func otherFilesAreNotReplaced(_ flag: String) throws {
    var others = ["notes.txt", "mine.html", "renamed.gz", "renamed-rollup.gz"]
      .map(folder.path(of:))
    others += Self.own.filter { $0.key != flag }.map { folder.path(of: $0.value) }
    if flag == "--rejects" { others.removeAll { !$0.hasSuffix(".gz") } }
    for path in others {
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      let process = try write(flag, path)
      #expect(process.status == 73, "\(path): \(process.errors)")
      #expect(process.errors.contains("\(flag) '\(path)'"), "\(process.errors)")
      #expect(process.errors.contains("was not written by \(flag)"), "\(process.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before, "\(path)")
    }
    // The run did not begin.
    #expect(try names(in: folder.path(of: "out")).filter { !$0.hasPrefix(".") } == [])
  }

  @Test(arguments: ["--metrics", "--html", "--rejects"])
  func namesOfLogsAndChartsAreRefused(_ flag: String) throws {
    let paths = [
      bench.log(bench.days[0]), "\(bench.logs)/listen-20260101.log.gz",
      "\(bench.out)/user_top50_20260705.txt.gz", "\(bench.out)/user_top7_20260101.csv.gz",
      "\(bench.out)/FR_top50_20260705.txt.gz", "\(bench.out)/user_country_20260705.txt.gz",
      bench.rollup(of: bench.days[0]),
    ]
    for path in paths {
      let before = try? Data(contentsOf: URL(fileURLWithPath: path))
      let process = try write(flag, path)
      #expect(process.status == 64, "\(path): \(process.errors)")
      #expect(
        process.errors.contains("\(flag) '\(path)' is a log, a chart or a kept rollup")
      )
      #expect((try? Data(contentsOf: URL(fileURLWithPath: path))) == before, "\(path)")
    }
    #expect(try ChartmillProcess.run("verify", "--charts", bench.out).status == 0)
  }

  @Test func itsOwnFileAndAnEmptyOneAreReplaced() throws {
    for (flag, name) in Self.own {
      let path = folder.path(of: name)
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      let again = try write(flag, path)
      #expect(again.status == 0, "\(flag): \(again.errors)")
      if flag == "--rejects" {
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      }
      try Data().write(to: URL(fileURLWithPath: path))
      #expect(try write(flag, path).status == 0, "\(flag)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 20)
    }
  }

  /// `report` and `run` do not replace a page with the default name that `report` did not write.
  @Test func aPageWithTheDefaultNameThatIsNotAReportStays() throws {
    let page = "\(bench.out)/report_20260705.html"
    try Data("<!DOCTYPE html>\n<p>mine</p>\n".utf8).write(to: URL(fileURLWithPath: page))
    #expect(try ChartmillProcess.run("report", "--charts", bench.out).status == 73)
    #expect(try bench.run().status == 0)
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("mine"))
    try FileManager.default.removeItem(atPath: page)
    #expect(try ChartmillProcess.run("report", "--charts", bench.out).status == 0)
    #expect(try bench.run().status == 0)
    #expect(!FileManager.default.fileExists(atPath: page))
  }

  @Test func aRejectsFileWithoutRowsIsReplaced() throws {
    let logs = try LogBook("1|2|FR\n")
    let path = folder.path(of: "none.gz")
    for _ in 0..<2 { #expect(try logs.run("--rejects", path).status == 0) }
  }

  @Test(arguments: [[], ["--compress"], ["--format", "csv"], ["--format", "jsonl", "--compress"]])
  func partsOfASchedulerReplaceThemselvesOnly(_ flags: [String]) throws {
    let log = bench.log(bench.days[0])
    let frames = folder.path(of: "frames")
    let all = folder.path(of: "all")
    try folder.write("", to: "all")
    #expect(
      try ChartmillProcess.run(
        ["rollup", log, "--frames", "--partitions", "1"], outputPath: all
      ).status == 0)
    let stream = Scheduler.Frame.all(of: try folder.readBytes("all"))
    try folder.write(stream.filter { $0.destination == 0 }.flatMap(\.bytes), to: "frames")
    func chart(userCountries: String, counts: String) throws -> ChartmillProcess {
      try ChartmillProcess.run(
        [
          "chart", "--partition", "0", "--partitions", "1", "--user-countries", userCountries,
          "--counts", counts,
        ]
          + flags, inputPath: frames)
    }
    let (userCountries, counts) = (folder.path(of: "user-countries"), folder.path(of: "counts"))
    for _ in 0..<2 {
      let made = try chart(userCountries: userCountries, counts: counts)
      #expect(made.status == 0, "\(made.errors)")
    }
    let before = try folder.readBytes("user-countries")
    #expect(try chart(userCountries: counts, counts: "/dev/null").status == 73)
    #expect(try chart(userCountries: "/dev/null", counts: userCountries).status == 73)
    #expect(
      try chart(userCountries: folder.path(of: "notes.txt"), counts: "/dev/null").status == 73)
    #expect(try chart(userCountries: log, counts: "/dev/null").status == 64)
    #expect(
      try chart(userCountries: "\(bench.out)/user_country_20260705.txt", counts: "/dev/null").status
        == 64)
    #expect(try folder.readBytes("user-countries") == before)
  }

  @Test func namesOfChartsAreRecognized() throws {
    let day = try #require(Day(yyyymmdd: "20260705"))
    for name in [
      "user_top50_20260705.txt", "country_top1_20260705.csv.gz", "user_country_20260705.jsonl",
      "FR_top1000_20260705.txt",
    ] {
      #expect(OutputNames.isChart(name, of: day), "\(name)")
      #expect(!OutputNames.isChart(name, of: day.advanced(by: 1)), "\(name)")
    }
    for name in [
      "user_notes_20260705.txt", "user_top_20260705.txt", "user_top5x_20260705.txt",
      "users_top50_20260705.txt", "user_top50_20260705.md", "country_top50_v2_20260705.txt",
      "fr_top50_20260705.txt", "user_top50_20261305.txt", "manifest_20260705.json",
      "country_country_20260705.txt",
    ] {
      #expect(!OutputNames.isChart(name), "\(name)")
    }
  }
}
