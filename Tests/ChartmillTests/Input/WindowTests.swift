import Glibc
import Testing

@testable import Chartmill

private func day(_ text: String) -> Day {
  guard let day = Day(yyyymmdd: text) else { fatalError("no date: \(text)") }
  return day
}

@Suite struct LogFolderTests {
  @Test func namesThatAreLogs() {
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
      let logs = try LogFolder.logs(in: path)
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
    #expect(try LogFolder.logs(in: folder.path).map(\.byteCount) == [7])
  }

  @Test func otherThingsCalledLikeLogsAreErrors() {
    let cases: [(LogFixture) -> Void] = [
      { _ = $0.makeFifo("listen-20260728.log") },
      { _ = $0.makeFolder("listen-20260728.log") },
      { $0.link("listen-20260728.log", to: "/dev/null") },
    ]
    for make in cases {
      let folder = LogFixture()
      make(folder)
      let path = folder.path + "/listen-20260728.log"
      #expect(throws: JobError.notARegularFile(path: path)) { try LogFolder.logs(in: folder.path) }
    }
    let folder = LogFixture()
    let path = folder.link("listen-20260728.log", to: "absent")
    #expect(throws: JobError.input(SystemError("stat", path, errno: ENOENT))) {
      try LogFolder.logs(in: folder.path)
    }
    let absent = folder.path + "/absent"
    #expect(throws: JobError.input(SystemError("opendir", absent, errno: ENOENT))) {
      try LogFolder.logs(in: absent)
    }
  }
}

@Suite struct WindowTests {
  private func resolve(
    _ source: LogSource, date: String? = nil, days: Int = 7, requireAllDays: Bool = false
  ) throws(JobError) -> Window {
    var configuration = JobConfiguration(source: source, outputFolder: "", threads: 1)
    configuration.date = date.map(day)
    configuration.days = days
    configuration.requireAllDays = requireAllDays
    return try Window.resolve(configuration)
  }

  private func folder(_ dates: [String]) -> LogFixture {
    let folder = LogFixture()
    for date in dates { folder.write("listen-\(date).log") }
    return folder
  }

  @Test(arguments: [
    // last, first: over a month, a year, leap days, a century without one.
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
    #expect(window.ignored.map(\.day) == [before, after])
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
    #expect(window.ignored.map(\.name) == ["listen-20200101.log", "listen-20260721.log"])
    #expect(window.missing.count == 5)
    let one = try resolve(.folder(folder.path), days: 1)
    #expect(one.days.map(\.day) == [day("20260728")] && one.missing.isEmpty)
  }

  @Test func missingDays() throws {
    let folder = folder(["20260728", "20260726", "20260723", "20260722"])
    let missing = ["20260724", "20260725", "20260727"].map(day)
    #expect(try resolve(.folder(folder.path)).missing == missing)
    #expect(throws: JobError.missingDays(missing)) {
      try resolve(.folder(folder.path), requireAllDays: true)
    }
    // The date itself may be the missing one.
    #expect(
      try resolve(.folder(folder.path), date: "20260729").missing.last == day("20260729"))
  }

  @Test func noLogs() {
    let folder = LogFixture()
    #expect(throws: JobError.noLogs(folder: folder.path, window: nil)) {
      try resolve(.folder(folder.path))
    }
    folder.write("listen-20260728.log")
    let window = day("20260729")...day("20260804")
    #expect(throws: JobError.noLogs(folder: folder.path, window: window)) {
      try resolve(.folder(folder.path), date: "20260804")
    }
    #expect(throws: JobError.noLogs(folder: "", window: nil)) { try resolve(.files([])) }
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

  @Test func plainAndCompressedOfOneDateAreADuplicate() {
    for stem in ["listen-20260728", "listen-20260728-a"] {
      let folder = folder(["20260727"])
      let plain = folder.write(stem + ".log")
      let compressed = folder.write(stem + ".log.gz")
      #expect(throws: JobError.duplicateDay(day("20260728"), paths: [plain, compressed])) {
        try resolve(.folder(folder.path))
      }
      // Outside the window it does no harm.
      #expect(throws: Never.self) { try resolve(.folder(folder.path), date: "20260727") }
    }
  }

  @Test func oneFileByTwoNamesIsADuplicate() {
    let folder = LogFixture()
    let plain = folder.write("listen-20260728.log")
    let link = folder.link("listen-20260728-latest.log", to: plain)
    #expect(throws: JobError.duplicateDay(day("20260728"), paths: [link, plain])) {
      try resolve(.folder(folder.path))
    }
  }

  @Test func explicitFiles() throws {
    let folder = folder(["20260728", "20260727", "20260701"])
    let paths = ["20260701", "20260728", "20260727"].map { "\(folder.path)/listen-\($0).log" }
    let window = try resolve(.files(paths))
    #expect(window.days.map(\.day.description) == ["20260727", "20260728"])
    #expect(window.ignored.map(\.path) == [paths[0]])

    let twice = JobError.duplicateDay(day("20260728"), paths: [paths[1], paths[1]])
    #expect(throws: twice) { try resolve(.files([paths[1], paths[1]])) }
    let detour = folder.path + "/./listen-20260728.log"
    #expect(throws: JobError.self) { try resolve(.files([paths[1], detour])) }
    let absent = folder.path + "/listen-20260726.log"
    #expect(throws: JobError.input(SystemError("stat", absent, errno: ENOENT))) {
      try resolve(.files([absent]))
    }
    #expect(throws: JobError.notARegularFile(path: folder.path)) {
      try resolve(.files([folder.path]))
    }
  }

  @Test func oneNameInTwoFoldersIsADuplicate() {
    let one = folder(["20260728"])
    let two = folder(["20260728"])
    let paths = [one, two].map { $0.path + "/listen-20260728.log" }.sorted()
    #expect(throws: JobError.duplicateDay(day("20260728"), paths: paths)) {
      try resolve(.files(paths))
    }
  }

  @Test func undatedFilesCountForTheDate() throws {
    let folder = folder(["20260727", "20260728"])
    let undated = folder.write("export.gz")
    let impossible = folder.write("listen-20260231.log")
    for path in [undated, impossible] {
      #expect(throws: JobError.undatedLog(path: path)) { try resolve(.files([path])) }
    }
    let dated = folder.path + "/listen-20260727.log"
    let window = try resolve(.files([undated, dated, impossible]), date: "20260728")
    #expect(
      window.days.map { $0.files.map(\.path) } == [[dated], [undated, impossible]])
    #expect(window.last == day("20260728"))
    let plain = folder.write("export")
    #expect(throws: JobError.duplicateDay(day("20260728"), paths: [plain, undated])) {
      try resolve(.files([undated, plain]), date: "20260728")
    }
    // In a folder, a file without a date is nobody's log.
    #expect(try resolve(.folder(folder.path)).days.count == 2)
  }
}
