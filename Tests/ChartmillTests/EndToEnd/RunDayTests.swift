import Foundation
import Testing

@testable import ChartmillCore

extension EndToEnd {
  /// A run reports every day that does not count: days of bad rows, days without rows, days in the
  /// future, and missing last days.
  @Suite struct Days {
    private static let rows = String(repeating: "1|2|FR\n", count: 100)

    /// Good logs of the six days before the last day.
    private func week() throws -> LogBook {
      let book = try LogBook()
      // Logs with the same content would give warnings.
      for day in Array(20_260_629...20_260_630) + Array(20_260_701...20_260_704) {
        try book.add(Self.rows + "\(day)|2|FR\n", day: "\(day)")
      }
      return book
    }

    /// A date that will always be in the future.
    private static let future = "29990101"

    @Test func aDayOfBadRowsFailsTheRun() throws {
      let book = try week()
      let bad = String(repeating: "1;2;FR\n", count: 20)
      let log = try book.add("1|2|FR\n" + bad + "x|2|FR\n", day: "20260702")
      try book.add(Self.rows)
      // 21 of the 622 rows of the window are bad.
      let run = try book.run()
      try run.expectFailure(
        65, "chartmill: 20260702: 21 of 22 rows are bad (95.5%), over the limit of 5%\n",
        "Most common reason: field count, 20 (95.2%); the first is listen-20260702.log:2: 1;2;FR\n",
        "To inspect the log: chartmill check \(log)\n")
      #expect(try book.run("--max-bad-rows", "95%").status == 65)
      #expect(try book.run("--max-bad-rows", "95.46%").status == 0)
      try book.add(bad, day: "20260703")
      try book.run().expectFailure(65, "over the limit of 5%; 1 other day is over it too\n")
    }

    /// The text of a sample cannot control a terminal, and a path with odd characters can be pasted
    /// into a shell.
    @Test func theErrorIsSafeToShow() throws {
      let book = try LogBook()
      let log = try book.add("\u{1B}[2J\n", part: "-it's here")
      let run = try book.run()
      try run.expectFailure(65, #"listen-20260705-it's here.log:1: \x1b[2J"#)
      #expect(
        run.errors.contains(
          "chartmill check '" + log.replacingOccurrences(of: "'", with: #"'\''"#) + "'\n"),
        "\(run.errors)")
    }

    @Test(arguments: [5, 7, 14, 28, 29, 35, 41, 55, 56, 57, 58, 69, 70, 82, 99])
    func exactlyTheLimitIsNotOverIt(_ percent: Int) throws {
      let bad = String(repeating: "bad\n", count: percent)
      let book = try LogBook(String(repeating: "1|2|FR\n", count: 100 - percent) + bad)
      #expect(try book.run("--max-bad-rows", "\(percent)%").status == 0)
      try book.run("--max-bad-rows", "\(percent - 1).99%").expectFailure(
        65, "over the limit of \(percent - 1).99%")
    }

    @Test func aDayWithoutAnAcceptedRowIsMissing() throws {
      let book = try week()
      try book.add("", day: "20260703")
      try book.add("bad\n", day: "20260704")
      try book.add(Self.rows)
      try FileManager.default.removeItem(atPath: book.folder.path(of: "listen-20260629.log"))
      let flags = ["--max-bad-rows", "100%"]
      let run = try book.run(flags)
      #expect(
        run.errors == "chartmill: warning: no log for 20260629, no accepted rows in the log for "
          + "20260703, 20260704: the charts cover 4 of 7 days\n")
      #expect(
        try run.charts().manifest.window.missing.map(\.description)
          == ["20260629", "20260703", "20260704"])
      #expect(try ChartmillProcess.run("verify", "--charts", run.out.path).status == 0)
      try book.add(Self.rows, day: "20260629")
      try book.run(flags + ["--require-all-days"]).expectFailure(
        65, "no accepted rows in the log for 20260703, 20260704")
    }

    /// Charts are not replaced by empty ones.
    @Test func aWindowWithoutAnAcceptedRowPublishesNothing() throws {
      let book = try LogBook("1|2|FR\n")
      let first = try book.run()
      let charts = try first.charts()
      let folder = try TemporaryFolder()
      let rejects = folder.path(of: "r.gz")
      for text in ["", "bad\n\n"] {
        try book.add(text)
        let run = try book.run(
          "--max-bad-rows", "100%", "--rejects", rejects, "--days", "1", out: first.out)
        #expect(run.status == 65)
        #expect(run.errors.contains("no accepted rows for 20260705: "), "\(run.errors)")
        #expect(try Charts(in: first.out) == charts)
      }
      #expect(
        String(decoding: try Tool.run("gzip", "-dc", rejects).output, as: UTF8.self)
          == "listen-20260705.log\t1\tfield count\tbad\nlisten-20260705.log\t2\tblank\t\n")
      let state = folder.path(of: "state")
      let rollup = try ChartmillProcess.run("rollup", "--logs", book.path, "--state", state)
      #expect(rollup.status == 65)
      #expect(
        rollup.errors.contains("no accepted rows for 20260705: the logs contain only 2 bad rows"))
    }

    @Test func theLastDayMustHaveItsLog() throws {
      let book = try week()
      let flags = ["--date", LogBook.lastDay]
      try book.run(flags).expectFailure(
        66, "no log for 20260705, the last day of the window, in ", "--allow-missing-last-day")
      let run = try book.run(flags + ["--allow-missing-last-day"])
      #expect(try run.charts().manifest.window.missing.map(\.description) == ["20260705"])
      // `plan` fails as `run` would. `check` and `rollup` do not need the last day.
      let plan = ["plan", "--logs", book.path] + flags
      #expect(try ChartmillProcess.run(plan).status == 66)
      #expect(try ChartmillProcess.run(plan + ["--allow-missing-last-day"]).status == 0)
      #expect(try ChartmillProcess.run(["check", "--logs", book.path] + flags).status == 0)
      let folder = try TemporaryFolder()
      let rollup = try ChartmillProcess.run(
        ["rollup", "--logs", book.path, "--days", "3", "--state", folder.path(of: "s")] + flags)
      #expect(rollup.status == 0)
      #expect(rollup.errors == "chartmill: warning: no log for 20260705\n")
      // A kept rollup is enough.
      let other = try LogBook(Self.rows)
      try #require(
        try ChartmillProcess.run(
          "rollup", "--logs", other.path, "--state", folder.path(of: "s")
        ).status == 0)
      #expect(try book.run(flags + ["--state", folder.path(of: "s")]).status == 0)
    }

    /// A log of the last day that adds no row is nearly always a delivery that failed. It fails the
    /// run in every form, and the charts of that date are not replaced.
    @Test(arguments: ["plain", "gzip", "parts", "bad rows"])
    func theLastDayMustHaveARow(form: String) throws {
      let book = try week()
      switch form {
      case "plain": try book.add("")
      case "gzip": try book.add("", gzip: true)
      case "parts":
        try book.add("", part: "-a")
        try book.add("", part: "-b", gzip: true)
      default: try book.add("bad\n\n")
      }
      let folder = try TemporaryFolder()
      let flags = [
        "--max-bad-rows", "100%", "--state", folder.path(of: "state"), "--rejects",
        folder.path(of: "r.gz"),
      ]
      let failure =
        "no accepted rows for 20260705, the last day of the window: "
        + (form == "bad rows" ? "the logs contain only 2 bad rows\n" : "the logs are empty\n")
      try book.run(flags).expectFailure(65, failure, "--allow-missing-last-day")
      #expect(try folder.names().contains("r.gz"))
      // The kept rollup of the day gives the same answer.
      try book.run(flags).expectFailure(65, failure)
      try book.run(flags + ["--require-all-days"]).expectFailure(
        65, "no accepted rows in the log for 20260705")
      let run = try book.run(flags + ["--allow-missing-last-day"])
      #expect(
        run.errors.contains(
          "no accepted rows in the log for 20260705: the charts cover 6 of 7 days"))
      let charts = try run.charts()
      #expect(charts.manifest.window.withoutRows.map(\.description) == ["20260705"])
      // Without the flag, published charts stay.
      #expect(try book.run(flags, out: run.out).status == 65)
      #expect(try Charts(in: run.out) == charts)
      // `rollup` and `check` do not need the last day.
      #expect(
        try ChartmillProcess.run(
          "rollup", "--logs", book.path, "--days", "2", "--state", folder.path(of: "s")
        ).status == 0)
      #expect(
        try ChartmillProcess.run(["check", "--logs", book.path, "--max-bad-rows", "100%"]).status
          == 0)
      // The log that arrives after all replaces the empty one.
      for name in try book.folder.names() where name.contains(LogBook.lastDay) {
        try FileManager.default.removeItem(atPath: book.folder.path(of: name))
      }
      try book.add(Self.rows)
      #expect(try book.run(flags).charts().manifest.window.missing.isEmpty)
    }

    @Test func aLogOfTheFutureDoesNotEndTheWindow() throws {
      let book = try week()
      try book.add(Self.rows)
      let before = try book.run().charts()
      try book.add("7|7|FR\n", day: Self.future)
      let warning =
        "chartmill: warning: 1 log is dated more than a day ahead of the clock and was not read: "
        + "listen-\(Self.future).log. Rename or remove it, or chart it with --date\n"
      let run = try book.run()
      #expect(run.errors == warning)
      #expect(Charts.hasSameBytes(try run.charts(), before))
      let check = try ChartmillProcess.run("check", "--logs", book.path)
      #expect(check.errors == warning && !check.output.contains(Self.future))
      let plan = try ChartmillProcess.run("plan", "--logs", book.path)
      #expect(plan.output.contains("listen-\(Self.future).log: dated in the future\n"))
      #expect(plan.output.contains("20260629 to 20260705, 7 of 7 days"))
      let asked = try book.run("--date", Self.future)
      #expect(try asked.charts(day: Self.future).userLines == ["7|7:1"])
    }

    /// A log with a wrong date in its name does not move the window and does not cause a kept
    /// rollup to be dropped.
    @Test func aLogOfTheFutureDropsNoRollup() throws {
      let book = try week()
      try book.add(Self.rows)
      let folder = try TemporaryFolder()
      let state = folder.path(of: "state")
      let flags = ["--state", state, "--keep-days", "8"]
      #expect(try book.run(flags).status == 0)
      let kept = try names(in: state)
      for name in try book.folder.names() {
        try FileManager.default.removeItem(atPath: book.folder.path(of: name))
      }
      try book.add("7|7|FR\n", day: Self.future)
      let run = try book.run(flags)
      #expect(run.errors.contains("listen-\(Self.future).log"))
      #expect(try run.charts().manifest.date.description == LogBook.lastDay)
      #expect(try names(in: state) == kept)
      // A rollup of that day, made with its date, does not drop one either.
      let rollup = ["rollup", "--logs", book.path, "--state", state]
      let refused = try ChartmillProcess.run(rollup)
      #expect(refused.status == 66)
      #expect(refused.errors.contains("1 log is dated more than a day ahead"), "\(refused.errors)")
      try #require(try ChartmillProcess.run(rollup + ["--date", Self.future]).status == 0)
      try FileManager.default.removeItem(
        atPath: book.folder.path(of: "listen-\(Self.future).log"))
      let again = try book.run(flags)
      #expect(again.errors.contains("not read: day-\(Self.future).rollup.gz."), "\(again.errors)")
      #expect(try again.charts().manifest.date.description == LogBook.lastDay)
      #expect(try names(in: state).count == kept.count + 1)
    }

    @Test func namesThatAreAlmostThoseOfLogsAreReported() throws {
      let book = try week()
      try book.add(Self.rows)
      let warned =
        "chartmill: warning: 4 files were not read because their names are close to, but not, "
        + "listen-YYYYMMDD[-PART].log[.gz]: 20260704, Listen-20260704.log, listen-2026-07-04.log "
        + "and 1 more. Rename those that are logs\n"
      for name in ["Listen-20260704.log", "listen-2026-07-04.log", "listen-20260704.log.zst"] {
        try book.folder.write("", to: name)
      }
      for name in [".listen-20260704.log", "listen-20260704.log.gz.tmp", "README"] {
        try book.folder.write("", to: name)
      }
      try FileManager.default.createDirectory(
        atPath: book.folder.path(of: "20260704"), withIntermediateDirectories: false)
      #expect(try book.run().errors == warned)
      #expect(try ChartmillProcess.run("check", "--logs", book.path).errors == warned)
      let folder = try TemporaryFolder()
      let state = ["--logs", book.path, "--state", folder.path(of: "state")]
      #expect(try ChartmillProcess.run(["rollup"] + state).errors == warned)
      // A backfill reports them once.
      let backfill = try ChartmillProcess.run(
        ["backfill"] + state + [
          "--days", "1", "--out", folder.path(of: "out"), "--from", "20260701", "--to", "20260705",
        ])
      #expect(backfill.errors == warned)
      let plan = try ChartmillProcess.run("plan", "--logs", book.path)
      #expect(plan.output.contains("and 1 more: almost named like a log\n"))
      #expect(plan.output.contains("README, listen-20260704.log.gz.tmp: not named like a log\n"))
      // They are in the manifest, and therefore in a report.
      let run = try book.run()
      #expect(try run.charts().manifest.run.overlooked.map(\.names.count) == [4])
      #expect(try ChartmillProcess.run("report", "--charts", run.out.path).status == 0)
      #expect(try run.out.read("report_20260705.html").contains("4 files were not read because "))
    }

    @Test func aFolderOfOnlySuchNamesIsAnError() throws {
      let folder = try TemporaryFolder()
      let name = "sample_listen-2021-12-01_2Mlines.log"
      try folder.write("1|2|FR\n", to: name)
      try ChartRun(["--logs", folder.path]).expectFailure(
        66, "no logs in ",
        "1 file was not read because its name is close to, but not, "
          + "listen-YYYYMMDD[-PART].log[.gz]: \(name)", "Logs are named listen-YYYYMMDD.log")
      // For a file on the command line, the error says what is missing.
      try ChartRun([folder.path(of: name)]).expectFailure(
        65, "no date in its name", "for example --date 20211201.")
      #expect(
        try ChartRun([folder.path(of: name), "--date", "20211201"]).charts(day: "20211201")
          .userLines
          == ["2|1:1"])
    }

    @Test(arguments: [
      ("zst", "zstd", "zstd -dc"), ("bz2", "bzip2", "bzip2 -dc"), ("xz", "xz", "xz -dc"),
      ("lz4", "lz4", "lz4 -dc"), ("zip", "zip", "unzip -p"),
    ])
    func otherCompressionsAreNamed(_ suffix: String, format: String, command: String) throws {
      let folder = try TemporaryFolder()
      try folder.write("", to: "listen-20260701.log.\(suffix)")
      let path = folder.path(of: "listen-20260701.log.\(suffix)")
      try ChartRun([path]).expectFailure(
        65, "\(path): compressed with \(format); only gzip and plain text can be read",
        "\(command) \(path) | gzip > listen-20260701.log.gz")
    }

    @Test func foldersAndFilesMixedUpAreErrors() throws {
      let book = try LogBook("1|2|FR\n")
      let log = book.folder.path(of: "listen-20260705.log")
      try ChartRun(["--logs", log]).expectFailure(
        66, "\(log): a file, but --logs takes a folder",
        "To read one file, name it without --logs: ")
      try ChartRun([book.path]).expectFailure(
        66, "\(book.path): a folder instead of a file", "use --logs \(book.path)")
      let run = try book.run()
      let swapped = try ChartmillProcess.run(
        "run", "--logs", run.out.path, "--out", book.path, "--quiet")
      #expect(swapped.status == 66)
      #expect(
        swapped.errors.contains("contains published charts instead of logs"), "\(swapped.errors)")
      #expect(swapped.errors.contains("were they swapped?"))
      #expect(try book.folder.names() == ["listen-20260705.log"])
    }

    @Test func aDateMayBeRelative() throws {
      // If midnight passes during the test, both days are right.
      let format = DateFormatter()
      format.dateFormat = "yyyyMMdd"
      format.locale = Locale(identifier: "en_US_POSIX")
      func date(_ back: Double) -> String {
        format.string(from: Date(timeIntervalSinceNow: -86_400 * back))
      }
      let book = try LogBook()
      let days = Set([0.0, 1, 2].map(date))
      for day in days { try book.add("1|2|FR\n", day: day) }
      for word in ["today", "yesterday"] {
        let before = date(word == "today" ? 0 : 1)
        let run = try book.run("--date", word, "--days", "1")
        let after = date(word == "today" ? 0 : 1)
        #expect(run.status == 0, "\(run.errors)")
        let made = try run.out.names().contains {
          $0 == "manifest_\(before).json" || $0 == "manifest_\(after).json"
        }
        #expect(made, "\(word)")
        for command in ["plan", "check"] {
          let other = try ChartmillProcess.run(
            command, "--logs", book.path, "--date", word, "--days", "1")
          #expect(other.status == 0, "\(command): \(other.errors)")
        }
        let verified = try ChartmillProcess.run("verify", "--charts", run.out.path, "--date", word)
        #expect(verified.status == 0, "\(verified.errors)")
      }
      // `synth` makes the same bytes on every day.
      let folder = try TemporaryFolder()
      let made = try ChartmillProcess.run("synth", "--out", folder.path, "--date", "today")
      #expect(made.status == 64)
    }

    @Test func theCalendarBeginsWithTheYearOne() throws {
      let book = try LogBook("1|2|FR\n", day: "00010103")
      try book.run().expectFailure(
        64, "a window of 7 days that ends with 00010103 begins before year 1")
      let run = try book.run("--days", "3")
      #expect(try run.charts(day: "00010103").manifest.window.first.description == "00010101")
      #expect(try ChartmillProcess.run("verify", "--charts", run.out.path).status == 0)
      let folder = try TemporaryFolder()
      let made = try ChartmillProcess.run(
        "synth", "--out", folder.path(of: "logs"), "--date", "00010103", "--rows", "1")
      #expect(made.status == 64 && made.errors.contains("before year 1"))
      #expect(try folder.names() == [])
    }

    /// Two names that look the same are two files.
    @Test func namesInTwoFormsOfUnicodeAreTwoLogs() throws {
      let book = try LogBook()
      try book.add("1|1|FR\n", part: "-e\u{301}")
      try book.add("2|1|FR\nbad\n", part: "-\u{e9}")
      try #require(try book.folder.names().count == 2)
      let run = try book.run("--max-bad-rows", "50%")
      let charts = try run.charts()
      #expect(charts.userLines == ["1|1:1,2:1"])
      #expect(charts.manifest.inputs.map { Array($0.name.utf8).count } == [23, 22])
      #expect(try ChartmillProcess.run("verify", "--charts", run.out.path).status == 0)
    }
  }
}
