import Glibc
import Testing

@testable import ChartmillCLI
@testable import ChartmillCore
@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

private func day(_ text: String) -> Day {
  guard let day = Day(yyyymmdd: text) else { fatalError("no date: \(text)") }
  return day
}

@Suite struct LogFolderTests {
  @Test func namesOfLogsAreRecognized() {
    for name in [
      "listen-20260728.log", "listen-20260728.log.gz", "listen-20260728-a.log",
      "listen-20260728-a.b-c d.log.gz", "listen-20260728-é.log",
    ] {
      #expect(LogName.day(of: name) == day("20260728"), "\(name)")
    }
    for name in [
      "", "listen-.log", "listen-20260728", "listen-20260728.gz", "listen-20260728.txt",
      "listen-20260728.log.gz.tmp", "listen-20260728.log.zst", "Listen-20260728.log",
      "listen-20260728.LOG", "listen-2026072.log", "listen-202607281.log", "listen-20260728-.log",
      "listen-20260728a.log", "listen-20260728_a.log", "listen-20261301.log",
      "listen-20260230.log", "listen-20270229.log", "listen-21000229.log", "listen-00000101.log",
      "listen-２０２６０７２８.log", ".listen-20260728.log", "listen-20260728-a\n.log",
      "listen--2026728.log",
    ] {
      #expect(LogName.day(of: name) == nil, "\(name)")
    }
    #expect(LogName.day(of: "listen-20280229.log") == day("20280229"))
  }

  /// The logs of all days in a folder.
  private func logs(in path: String) throws -> [LogFile] {
    try LogFolder(path: path).contents(of: Day.first...day("99991231")).logs
  }

  @Test func listsLogsByName() throws {
    let folder = LogFixture()
    for name in [
      "listen-20260729.log", "listen-20260728.log.gz", "listen-20260728-b.log",
      "listen-20260728-a.log.gz", "notes.txt", "listen-2026.log",
    ] {
      folder.write(name, "12345")
    }
    folder.writeBytes(Array("listen-20260728-".utf8) + [0xFF] + Array(".log".utf8), "")
    folder.writeBytes(Array("listen-20260728\n.log".utf8), "")
    _ = folder.makeFolder("listen-folder")
    for path in [folder.path, folder.path + "/"] {
      let logs = try logs(in: path)
      #expect(
        logs.map(\.name) == [
          "listen-20260728-a.log.gz", "listen-20260728-b.log", "listen-20260728.log.gz",
          "listen-20260729.log",
        ])
      #expect(logs.map(\.path) == logs.map { folder.path + "/" + $0.name })
      #expect(logs.map(\.isGzip) == [true, false, true, false])
      #expect(logs.allSatisfy { $0.byteCount == 5 && $0.modifiedNanoseconds > 1_500_000_000 })
    }
  }

  @Test func linksToFilesAreLogs() throws {
    let folder = LogFixture()
    folder.link("listen-20260728.log", to: folder.write("data"))
    #expect(try logs(in: folder.path).map(\.byteCount) == [7])
  }

  @Test func namesOfLogsThatAreNoFilesAreErrors() {
    let cases: [(LogFixture) -> Void] = [
      { _ = $0.makeFifo("listen-20260728.log") },
      { _ = $0.makeFolder("listen-20260728.log") },
      { $0.link("listen-20260728.log", to: "/dev/null") },
    ]
    for make in cases {
      let folder = LogFixture()
      make(folder)
      let path = folder.path + "/listen-20260728.log"
      #expect(throws: LogError.notARegularFile(path: path)) { try logs(in: folder.path) }
    }
    let folder = LogFixture()
    let path = folder.link("listen-20260728.log", to: "absent")
    #expect(throws: SystemError("stat", path, .reading, errno: ENOENT)) {
      try logs(in: folder.path)
    }
    let absent = folder.path + "/absent"
    #expect(throws: SystemError("opendir", absent, .reading, errno: ENOENT)) {
      try logs(in: absent)
    }
    let file = folder.write("file")
    #expect(throws: WindowError.notAFolder(path: file)) { try logs(in: file) }
  }
}

@Suite struct WindowTests {
  private func resolve(
    _ source: LogSource, date: String? = nil, days: Int = 7, requireAllDays: Bool = false,
    today: String? = nil, kept: [String] = [], allowsMissingLastDay: Bool = false
  ) throws -> LogWindow {
    let end = date.map { WindowEnd.date(day($0)) } ?? .newest(today: today.map(day))
    let rules = WindowRules(
      days: days, requireAllDays: requireAllDays, allowsMissingLastDay: allowsMissingLastDay)
    let kept = kept.map(day)
    let limit = end.latest ?? day("99991231")
    return try LogWindow.resolve(
      source, rules, endingWith: end, memory: Resources.defaultMemory,
      kept: KeptDays(folder: "state", days: kept, newest: kept.filter { $0 <= limit }.max()))
  }

  private func folder(_ dates: [String]) -> LogFixture {
    let folder = LogFixture()
    for date in dates { folder.write("listen-\(date).log") }
    return folder
  }

  @Test(arguments: [
    // Windows that include the end of a month, of a year and of February, with and without a leap
    // day.
    ("20260728", "20260722"), ("20260803", "20260728"), ("20270103", "20261228"),
    ("20280303", "20280226"), ("20280301", "20280224"), ("20270301", "20270223"),
    ("21000302", "21000224"), ("20000301", "20000224"),
  ])
  func sevenCalendarDates(last: String, first: String) throws {
    let before = day(first).advanced(by: -1)
    let after = day(last).advanced(by: 1)
    let folder = folder([before.description, first, last, after.description])
    let window = try resolve(.folder(folder.path), date: last)
    #expect(window.first == day(first) && window.last == day(last))
    #expect(window.days.map(\.day) == [day(first), day(last)])
    #expect(window.missing == (1...5).map(day(first).advanced(by:)))
    #expect(window.outside.examples == [before, after].map { "listen-\($0).log" })
  }

  @Test func leapDaysAreDays() throws {
    let folder = folder(["20280228", "20280229", "20280301"])
    let window = try resolve(.folder(folder.path), days: 3, requireAllDays: true)
    #expect(window.days.map(\.day.description) == ["20280228", "20280229", "20280301"])
    #expect(window.missing.isEmpty)
  }

  @Test func theNewestLogEndsTheWindow() throws {
    let folder = folder(["20260728", "20260721", "20260722", "20200101"])
    let window = try resolve(.folder(folder.path))
    #expect(window.last == day("20260728") && window.first == day("20260722"))
    #expect(window.days.map(\.day.description) == ["20260722", "20260728"])
    #expect(window.outside.examples == ["listen-20200101.log", "listen-20260721.log"])
    #expect(window.missing.count == 5)
    let one = try resolve(.folder(folder.path), days: 1)
    #expect(one.days.map(\.day) == [day("20260728")] && one.missing.isEmpty)
  }

  @Test func missingDays() throws {
    let folder = folder(["20260728", "20260726", "20260723", "20260722"])
    let missing = ["20260724", "20260725", "20260727"].map(day)
    #expect(try resolve(.folder(folder.path)).missing == missing)
    #expect(throws: WindowError.missingDays(missing)) {
      try resolve(.folder(folder.path), requireAllDays: true)
    }
  }

  /// The last day may be missing only with the flag, so that a mistyped date does not publish
  /// charts.
  @Test func theLastDayMustBeThere() throws {
    let folder = folder(["20260728", "20260726"])
    let source = LogSource.folder(folder.path)
    let missing = WindowError.noLogOfLastDay(day("20260729"), folder: folder.path)
    #expect(missing.exitStatus == .noInput)
    #expect(throws: missing) { try resolve(source, date: "20260729") }
    #expect(throws: missing) { try resolve(source, date: "20260729", kept: ["20260727"]) }
    #expect(throws: WindowError.noLogOfLastDay(day("20260729"), folder: nil)) {
      try resolve(.files([folder.path + "/listen-20260728.log"]), date: "20260729")
    }
    // A kept rollup is enough.
    let kept = try resolve(source, date: "20260729", kept: ["20260729"])
    #expect(kept.last == day("20260729") && !kept.missing.contains(day("20260729")))
    let asked = try resolve(source, date: "20260729", allowsMissingLastDay: true)
    #expect(asked.missing.last == day("20260729"))
    // A window without any log is still an error.
    #expect(throws: WindowError.self) {
      try resolve(source, date: "20260829", allowsMissingLastDay: true)
    }
  }

  @Test func aLogOfTheFutureDoesNotEndTheWindow() throws {
    let folder = folder(["20260728", "20260730", "20260731", "20261212"])
    let source = LogSource.folder(folder.path)
    // Tomorrow is today in another time zone. A later date is a mistake.
    let window = try resolve(source, today: "20260729", kept: ["20260727", "20270101"])
    #expect(window.last == day("20260730"))
    #expect(window.days.map(\.day.description) == ["20260727", "20260728", "20260730"])
    #expect(window.outside.count == 0)
    #expect(window.overlooked.map(\.kind) == [.future])
    let future = try #require(window.overlooked.first).names
    #expect(future.count == 3)
    #expect(
      future.examples == [
        "day-20270101.rollup.gz", "listen-20260731.log", "listen-20261212.log",
      ])
    // A kept rollup of today may end a window. A rollup of the day after tomorrow may not.
    #expect(try resolve(source, today: "20260731", kept: ["20260802"]).last == day("20260731"))
    #expect(try resolve(source, today: "20260731", kept: ["20260801"]).last == day("20260801"))
    // With a date, or without a clock, no day is in the future.
    let dated = try resolve(source, date: "20261212", days: 1, today: "20260729")
    #expect(dated.last == day("20261212") && dated.overlooked == [])
    #expect(dated.outside.count == 3)
    #expect(try resolve(source).last == day("20261212"))
  }

  @Test func filesOfTheFutureDoNotEndTheWindow() throws {
    let folder = folder(["20260728", "20261212"])
    let paths = ["20260728", "20261212"].map { "\(folder.path)/listen-\($0).log" }
    let window = try resolve(.files(paths), today: "20260729")
    #expect(window.last == day("20260728"))
    #expect(window.overlooked.map(\.names.examples) == [["listen-20261212.log"]])
    // If the clock is far behind, all logs are in the future, and the error says so.
    for source in [LogSource.files(paths), .folder(folder.path)] {
      do {
        _ = try resolve(source, today: "19700101")
        Issue.record("no error")
      } catch {
        guard case WindowError.noLogs(_, nil, let overlooked) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(overlooked.map(\.kind) == [.future])
        #expect(overlooked.map(\.names.count) == [2])
      }
    }
  }

  /// An entry that has the name of a log but is not a file is an error only in the window.
  @Test func entriesOutsideOfTheWindowMayBeAnything() throws {
    let cases: [(LogFixture, String) -> Void] = [
      { _ = $0.makeFifo($1) }, { _ = $0.makeFolder($1) }, { $0.link($1, to: "absent") },
    ]
    for make in cases {
      let folder = folder(["20260728"])
      make(folder, "listen-20260701.log")
      make(folder, "listen-20260803.log")
      let source = LogSource.folder(folder.path)
      let window = try resolve(source, today: "20260729")
      #expect(window.days.map(\.day) == [day("20260728")])
      #expect(window.outside.examples == ["listen-20260701.log"])
      for date in ["20260702", nil] {
        #expect {
          try resolve(source, date: date)
        } throws: {
          $0 is LogError || $0 is SystemError
        }
      }
    }
  }

  @Test func namesThatAreAlmostThoseOfLogsAreFound() {
    for name in [
      "listen-20211202.log.1", "listen-2021-12-02.log", "Listen-20211202.log",
      "listen-20211202.LOG",
      "listen-20211202.log.zst", "listen-20211202.log.bz2", "listen-20211202.log.xz",
      "listen-20211202.gz", "listen-20211202.txt", "listen_20211202.log", "listen-20211301.log",
      "listen-2021122.log", "listen-20211202-.log", "sample_listen-2021-12-01_2Mlines.log",
      "listen-20211202.log.gz.old", "LISTEN20211202", "listen-20211202-\u{7}.log",
      "copy of listen-20211202.log",
    ] {
      #expect(LogName.isNearMiss(Array(name.utf8), isFolder: false), "\(name)")
    }
    for name in ["20211202", "2021-12-02", "dt=2021-12-02", "listen.2021.12.02", "day_20211202"] {
      #expect(LogName.isNearMiss(Array(name.utf8), isFolder: true), "\(name)")
    }
    for name in [
      "", "notes.txt", "listen-2026.log", "listen.conf", "user_top50_20211202.txt", "20211202.txt",
      ".listen-20211202.log", ".listen-20211202.log.gz.Xk2", "listen-20211202.log~",
      "listen-20211202.log.gz.tmp", "listen-20211202.log.gz.part", "listen-20211202.log.gz.md5",
      "listen-20211202.log.SHA256",
    ] {
      #expect(!LogName.isNearMiss(Array(name.utf8), isFolder: false), "\(name)")
    }
    for name in ["20211302", "archive", "2021", "120211202", ".20211202"] {
      #expect(!LogName.isNearMiss(Array(name.utf8), isFolder: true), "\(name)")
    }
  }

  @Test func namesThatAreAlmostThoseOfLogsAreCounted() throws {
    let folder = folder(["20260728"])
    for name in [
      "Listen-20260727.log", "listen-2026-07-26.log", "listen-20260725.log.1",
      "listen-20260724.log.zst",
      "listen-20260723.log.tmp", ".listen-20260722.log", "notes.txt",
    ] {
      folder.write(name)
    }
    folder.writeBytes(Array("listen-20260728-".utf8) + [0xFF] + Array(".log".utf8), "")
    _ = folder.makeFolder("2026-07-22")
    let window = try resolve(.folder(folder.path))
    #expect(window.overlooked.map(\.kind) == [.nearMiss])
    #expect(window.overlooked[0].names.count == 6)
    #expect(
      window.overlooked[0].names.examples == [
        "2026-07-22", "Listen-20260727.log", "listen-2026-07-26.log",
      ])
    #expect(window.others.examples == ["listen-20260723.log.tmp", "notes.txt"])
  }

  @Test func aFolderOfChartsIsRecognized() {
    let folder = LogFixture()
    folder.write("manifest_20260728.json")
    folder.write("user_top50_20260728.txt")
    let swapped = WindowError.chartsInsteadOfLogs(folder: folder.path)
    #expect(swapped.exitStatus == .noInput)
    #expect(throws: swapped) { try resolve(.folder(folder.path)) }
    #expect(throws: swapped) { try resolve(.folder(folder.path), date: "20260728") }
    // Charts beside logs are not an error.
    folder.write("listen-20260701.log")
    #expect(throws: Never.self) { try resolve(.folder(folder.path)) }
  }

  /// Two forms of a name in Unicode are two files. Their order is the same everywhere.
  @Test func namesAreComparedAsBytes() throws {
    let folder = LogFixture()
    let names = ["listen-20260728-e\u{301}.log", "listen-20260728-\u{e9}.log"]
    for name in names.reversed() { folder.write(name) }
    let window = try resolve(.folder(folder.path))
    #expect(
      window.days.map { $0.files.map { Array($0.name.utf8) } } == [names.map { Array($0.utf8) }])
    let undated = ["e\u{301}", "\u{e9}"].map { folder.write($0) }
    #expect(try resolve(.files(undated), date: "20260728").days[0].files.count == 2)
    // As characters, the combining mark would join the preceding separator.
    let marked = folder.write("\u{301}x.gz")
    #expect(try resolve(.files([marked, undated[0]]), date: "20260728").days[0].files.count == 2)
  }

  @Test func theCalendarBeginsWithTheYearOne() throws {
    #expect(Day.first == day("00010101"))
    let folder = folder(["00010103"])
    let source = LogSource.folder(folder.path)
    let early = WindowError.windowBeforeCalendar(last: day("00010103"), days: 7)
    #expect(early.exitStatus == .usage)
    #expect(throws: early) { try resolve(source) }
    #expect(throws: early) {
      try resolve(.files([folder.path + "/listen-00010103.log"]), date: "00010103")
    }
    #expect(try resolve(source, days: 3).first == .first)
    #expect(throws: WindowError.self) { try resolve(source, date: "00010102", days: 3660) }
    let last = self.folder(["99991231"])
    #expect(try resolve(.folder(last.path), today: "99991231").last == day("99991231"))
  }

  @Test func aFolderWithoutLogsIsAnError() {
    let folder = LogFixture()
    #expect(throws: WindowError.noLogs(folder: folder.path, window: nil)) {
      try resolve(.folder(folder.path))
    }
    folder.write("listen-20260728.log")
    let window = day("20260729")...day("20260804")
    #expect(throws: WindowError.noLogs(folder: folder.path, window: window)) {
      try resolve(.folder(folder.path), date: "20260804")
    }
    #expect(throws: WindowError.noLogs(folder: nil, window: nil)) { try resolve(.files([])) }
  }

  @Test func aDayMayHaveParts() throws {
    let folder = LogFixture()
    for name in ["listen-20260728-b.log", "listen-20260728.log", "listen-20260728-a.log.gz"] {
      folder.write(name)
    }
    let window = try resolve(.folder(folder.path))
    #expect(
      window.days.map { $0.files.map(\.name) } == [
        ["listen-20260728-a.log.gz", "listen-20260728-b.log", "listen-20260728.log"]
      ])
  }

  @Test func aPlainAndACompressedLogOfADayAreADuplicate() {
    for stem in ["listen-20260728", "listen-20260728-a"] {
      let folder = folder(["20260727"])
      let plain = folder.write(stem + ".log")
      let compressed = folder.write(stem + ".log.gz")
      #expect(throws: WindowError.duplicateDay(day("20260728"), paths: [plain, compressed])) {
        try resolve(.folder(folder.path))
      }
      // Outside the window, it is not an error.
      #expect(throws: Never.self) { try resolve(.folder(folder.path), date: "20260727") }
    }
  }

  @Test func twoNamesOfOneFileAreADuplicate() {
    let folder = LogFixture()
    let plain = folder.write("listen-20260728.log")
    let link = folder.link("listen-20260728-latest.log", to: plain)
    #expect(throws: WindowError.duplicateDay(day("20260728"), paths: [link, plain])) {
      try resolve(.folder(folder.path))
    }
  }

  @Test func filesMayBeListed() throws {
    let folder = folder(["20260728", "20260727", "20260701"])
    let paths = ["20260701", "20260728", "20260727"].map { "\(folder.path)/listen-\($0).log" }
    let window = try resolve(.files(paths))
    #expect(window.days.map(\.day.description) == ["20260727", "20260728"])
    #expect(window.outside.examples == ["listen-20260701.log"])

    let twice = WindowError.duplicateDay(day("20260728"), paths: [paths[1], paths[1]])
    #expect(throws: twice) { try resolve(.files([paths[1], paths[1]])) }
    let detour = folder.path + "/./listen-20260728.log"
    #expect(throws: WindowError.self) { try resolve(.files([paths[1], detour])) }
    let absent = folder.path + "/listen-20260726.log"
    #expect(throws: SystemError("stat", absent, .reading, errno: ENOENT)) {
      try resolve(.files([absent]))
    }
    #expect(throws: LogError.notARegularFile(path: folder.path)) {
      try resolve(.files([folder.path]))
    }
  }

  @Test func aNameInTwoFoldersIsADuplicate() {
    let one = folder(["20260728"])
    let two = folder(["20260728"])
    let paths = [one, two].map { $0.path + "/listen-20260728.log" }.sorted()
    #expect(throws: WindowError.duplicateDay(day("20260728"), paths: paths)) {
      try resolve(.files(paths))
    }
  }

  @Test func undatedFilesCountForTheDate() throws {
    let folder = folder(["20260727", "20260728"])
    let undated = folder.write("export.gz")
    let impossible = folder.write("listen-20260231.log")
    for path in [undated, impossible] {
      #expect(throws: LogError.undatedLog(path: path)) { try resolve(.files([path])) }
    }
    let dated = folder.path + "/listen-20260727.log"
    let window = try resolve(.files([undated, dated, impossible]), date: "20260728")
    #expect(
      window.days.map { $0.files.map(\.path) } == [[dated], [undated, impossible]])
    #expect(window.last == day("20260728"))
    let plain = folder.write("export")
    #expect(throws: WindowError.duplicateDay(day("20260728"), paths: [plain, undated])) {
      try resolve(.files([undated, plain]), date: "20260728")
    }
    // In a folder, a file without a date is not a log.
    #expect(try resolve(.folder(folder.path)).days.count == 2)
  }
}
