import Foundation
import Glibc
import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillSystem

/// A run may replace charts while another command reads them. This is not reported as damage, so
/// that a script can try again.
@Suite struct ReplacedChartsTests {
  private let book: LogBook
  private let out: TemporaryFolder
  private let date: Day

  init() throws {
    book = try LogBook("1|2|FR\n", day: "20260704")
    out = try TemporaryFolder()
    date = try #require(Day(yyyymmdd: LogBook.lastDay))
  }

  /// Publishes charts of `users` users. All files then have other sizes.
  private func publish(users: Int) throws {
    try book.add((1...users).map { "\($0 % 7)|\($0)|\($0 % 2 == 0 ? "FR" : "DE")\n" }.joined())
    let run = try book.run("--days", "1", "--partitions", "4", out: out)
    try #require(run.status == 0, "\(run.errors)")
  }

  private var replaced: ChartsError { .replaced(folder: out.path, date: date) }

  @Test func everyReaderReportsIt() throws {
    try publish(users: 40)
    try #require(
      try book.run("--date", "20260704", "--days", "1", out: out).status == 0)
    let lookup = try ChartLookup(folder: out.path, date: date)
    let comparison = try ChartComparison(
      folder: out.path, previous: date.advanced(by: -1), current: date)
    let export = try ChartExport(
      folder: out.path, date: date,
      .init(
        users: nil, songs: nil, format: .jsonl, hasCountryCharts: false, spillFolder: out.path))
    let records = try File.open(writing: "/dev/null")
    // While nothing has changed, all of them succeed.
    for isReplaced in [false, true] {
      if isReplaced { try publish(users: 90) }
      let readers: [(String, () throws -> Void)] = [
        ("user", { _ = try lookup.chart(ofUser: 2) }),
        ("country", { _ = try lookup.chart(ofCountry: try #require(CountryCode("FR"))) }),
        ("campaign", { _ = try lookup.campaign(ofUser: 2) }),
        ("song", { _ = try lookup.places(ofSong: 3) }),
        ("compare", { _ = try comparison.countries() }),
        ("export", { _ = try export.write(to: records, missing: nil) }),
      ]
      for (name, read) in readers {
        if isReplaced {
          #expect(throws: replaced, "\(name)") { try read() }
        } else {
          #expect(throws: Never.self, "\(name)") { try read() }
        }
      }
    }
  }

  /// Only errors that files of two publications can cause are replaced by the hint, and only if the
  /// manifest has changed or is gone.
  @Test func damageWithoutAPublicationStaysDamage() throws {
    try publish(users: 40)
    let file = try PublishedFolder(path: out.path).manifest(of: date).file
    let damage: [any Error] = [
      LogError.changedWhileRead(path: "a"),
      LogError.corruptGzip(path: "a", offset: 1, problem: .truncated),
      ChartsError.differs(ChartDifference(path: "a", problem: .noLineEnd)),
      SystemError("open", "a", .reading, errno: ENOENT),
    ]
    let others: [any Error] = [
      Interrupted(signal: SIGTERM), ChartsError.noUser(1, dates: []),
      SystemError("write", "a", .writing, errno: ENOSPC),
    ]
    func report(of error: any Error) -> String {
      do {
        return try file.reading { () throws -> String in throw error }
      } catch {
        return "\(error)"
      }
    }
    for error in damage + others { #expect(report(of: error) == "\(error)") }
    try FileManager.default.removeItem(atPath: file.path)
    for error in damage { #expect(report(of: error) == "\(replaced)") }
    for error in others { #expect(report(of: error) == "\(error)") }
    try publish(users: 40)
    for error in damage { #expect(report(of: error) == "\(replaced)") }
  }

  /// The export waits for its list while a run replaces the charts.
  @Test func theExitCodeAsksToTryAgain() throws {
    try publish(users: 40)
    let folder = try TemporaryFolder()
    let list = try TemporaryFolder()
    let pipe = list.path(of: "list")
    try #require(mkfifo(pipe, 0o600) == 0)
    // This does not wait for the other end of the pipe.
    let writer = open(pipe, O_RDWR | O_CLOEXEC)
    try #require(writer >= 0)
    let arguments = [
      "export", "--charts", out.path, "--users", "-", "--out", folder.path(of: "e.jsonl"),
      "--missing", folder.path(of: "m"),
    ]
    let export = try ChildProcess(chartmill: arguments, shell: "exec < '\(pipe)'")
    // The files are created after the manifest is read.
    try #require(try export.waits { try folder.names().count == 2 })
    try publish(users: 90)
    #expect(write(writer, "1\n2\n", 4) == 4)
    close(writer)
    let ended = export.wait()
    #expect(ended.status == 75, "\(ended.errors)")
    #expect(
      ended.errors == """
        chartmill: the charts for 20260705 in '\(out.path)' were replaced while they were being read
          The export is not complete. Try again.

        """)
    #expect(try folder.names() == [])
    try list.write("1\n2\n", to: "users")
    let again = try ChartmillProcess.run(
      ["export", "--charts", out.path, "--users", list.path(of: "users"), "--quiet"])
    #expect(again.status == 0 && again.output.split(separator: "\n").count == 2)
  }
}
