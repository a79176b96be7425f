import Foundation
import Testing

@testable import ChartmillCore

/// A log that changed is read again, even if its size and times are the same as before. A log that
/// was only moved is not read again.
@Suite struct StaleLogTests {
  /// One log per day, plain or gzip. A correction can change its rows and keep its size.
  private final class Week {
    let folder: TemporaryFolder
    let isGzip: Bool
    var logs: String { folder.path(of: "logs") }
    var out: String { folder.path(of: "out") }
    var state: String { folder.path(of: "state") }

    init(isGzip: Bool, rows: Int = 20_000) throws {
      folder = try TemporaryFolder()
      self.isGzip = isGzip
      try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
      for day in ["20260704", "20260705"] { try write(day, rows: rows, country: "FR") }
    }

    func path(_ day: String) -> String { "\(logs)/listen-\(day).log\(isGzip ? ".gz" : "")" }

    /// Writes a log in which only the row in the middle has `country`.
    func write(_ day: String, rows: Int = 20_000, country: String) throws {
      let lines = (0..<rows).map {
        "\(1000 + $0 % 500)|\(100 + $0 % 90)|\($0 == rows / 2 ? country : "DE")\n"
      }
      let plain = "\(logs)/.rows"
      try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: plain))
      if isGzip {
        try Tool.run("/bin/sh", "-c", "gzip -1nc \(plain) > \(plain).gz")
        try FileManager.default.removeItem(atPath: plain)
      }
      try? FileManager.default.removeItem(atPath: path(day))
      try FileManager.default.moveItem(
        atPath: plain + (isGzip ? ".gz" : ""), toPath: path(day))
    }

    /// Changes the log, in place or by replacing the file, and keeps its size and its time.
    func correct(_ day: String, inPlace: Bool) throws {
      let url = URL(fileURLWithPath: path(day))
      let before = try Data(contentsOf: url)
      let date = try FileManager.default.attributesOfItem(atPath: path(day))[.modificationDate]
      try Tool.run("touch", "-r", path(day), "\(logs)/.time")
      // Different texts of the same length rarely compress to the same size, so several are tried.
      var after = before
      if isGzip {
        try write(day, country: "IT")
        after = try Data(contentsOf: url)
        if after.count != before.count {
          for country in ["ES", "GB", "US", "PL", "SE", "NO", "FI", "DK", "NL", "BE", "PT"] {
            try write(day, country: country)
            after = try Data(contentsOf: url)
            if after.count == before.count { break }
          }
        }
        try #require(after.count == before.count && after != before)
      } else {
        let middle = try #require(after.range(of: Data("|FR\n".utf8)))
        after.replaceSubrange(middle, with: Data("|IT\n".utf8))
      }
      if inPlace {
        try before.write(to: url)
        let file = try FileHandle(forWritingTo: url)
        try file.write(contentsOf: after)
        try file.close()
      } else {
        try after.write(to: url)
      }
      try Tool.run("touch", "-r", "\(logs)/.time", path(day))
      #expect(
        try FileManager.default.attributesOfItem(atPath: path(day))[.modificationDate] as? Date
          == date as? Date)
    }

    func run(_ flags: [String] = []) throws -> ChartmillProcess {
      try ChartmillProcess.run(
        [
          "run", "--logs", logs, "--out", out, "--state", state, "--days", "2", "--quiet",
        ] + flags)
    }

    func backfill() throws -> ChartmillProcess {
      try ChartmillProcess.run(
        "backfill", "--logs", logs, "--out", out, "--state", state, "--from", "20260704", "--to",
        "20260705", "--days", "1", "--keep-days", "1")
    }

    func countries(_ day: String) throws -> [String] {
      let text = try String(contentsOfFile: "\(out)/country_top50_\(day).txt", encoding: .utf8)
      return text.split(separator: "\n").map { String($0.prefix(2)) }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func aCorrectionWithTheSameSizeAndTimeIsFound(isGzip: Bool, inPlace: Bool) throws {
    let week = try Week(isGzip: isGzip)
    #expect(try week.run().status == 0)
    #expect(try week.countries("20260705") == ["DE", "FR"])
    for day in ["20260704", "20260705"] { try week.correct(day, inPlace: inPlace) }
    let made = try week.run()
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("20260704: the log changed after it was rolled up"))
    #expect(made.errors.contains("20260705: the log changed after it was rolled up"))
    #expect(try week.countries("20260705").contains("FR") == false)
  }

  /// A copy has another inode and change time, but it is the same log.
  @Test(arguments: [false, true])
  func aCopyWithTheSameTimeIsTheSameLog(isGzip: Bool) throws {
    let week = try Week(isGzip: isGzip)
    #expect(try week.run().status == 0)
    for day in ["20260704", "20260705"] {
      try Tool.run("cp", "-p", week.path(day), week.path(day) + ".copy")
      try Tool.run("mv", week.path(day) + ".copy", week.path(day))
    }
    let made = try week.run()
    #expect(made.status == 0)
    #expect(!made.errors.contains("changed"), "\(made.errors)")
    #expect(
      try Published(week.out).run.keptDays.map(\.description) == ["20260704", "20260705"])
  }

  /// Only the manifest of the first date is left, because its rollup is pruned.
  @Test(arguments: [false, true], [false, true])
  func backfillFindsACorrectionWithoutTheRollup(isGzip: Bool, keepsTime: Bool) throws {
    let week = try Week(isGzip: isGzip)
    #expect(try week.backfill().status == 0)
    #expect(
      try week.backfill().output
        == "20260704 skipped: already charted\n20260705 skipped: already charted\n")
    #expect(try names(in: week.state) == ["day-20260705.rollup.gz"])
    if keepsTime {
      try week.correct("20260704", inPlace: false)
    } else {
      let size = try Data(contentsOf: URL(fileURLWithPath: week.path("20260704"))).count
      for country in ["IT", "ES", "GB", "US", "PL", "SE", "NO", "FI", "DK", "NL"] {
        try week.write("20260704", country: country)
        if try Data(contentsOf: URL(fileURLWithPath: week.path("20260704"))).count == size { break }
      }
    }
    let made = try week.backfill()
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("20260704 charted"), "\(made.output)")
    #expect(try week.countries("20260704").contains("FR") == false)
  }

  /// If only the modification time changed, the text decides.
  @Test(arguments: [false, true])
  func backfillIgnoresANewTimeOfTheSameLog(isGzip: Bool) throws {
    let week = try Week(isGzip: isGzip)
    #expect(try week.backfill().status == 0)
    try Tool.run("touch", week.path("20260704"))
    let made = try week.backfill()
    #expect(made.output.contains("20260704 skipped: already charted"), "\(made.output)")
  }
}
