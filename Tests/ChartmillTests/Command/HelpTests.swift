import Foundation
import Testing

@testable import ChartmillCLI
@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSystem

@Suite struct HelpTests {
  @Test func overviewListsCommandsAndExitCodes() throws {
    let help = try ChartmillProcess.run("--help")
    #expect(help.status == 0)
    #expect(help.errors == "")
    #expect(
      help.output.hasPrefix(
        """
        chartmill: exact top charts from gzipped music logs, in bounded memory

        Usage: chartmill COMMAND [FLAGS]
               chartmill COMMAND --help
               chartmill --version

        Every day:
          run              make the charts of the last 7 days, or of another window
          plan             show what run would read, and what memory and disk it needs
          backfill         make the charts of every date in a range
          rollup           sort and count new logs ahead of a run, one rollup per day
          state            list, check or delete the kept rollups

        Look at logs and charts:
          show             show the chart of one user or country, or one song
          export           export the charts and countries of a list of users
          compare          show how charts changed from one date to another
          report           write an HTML page about the charts and the run of a date
          verify           check published charts against their manifest
          check            inspect logs without charting: bad rows, countries, users

        Many machines:
          rollup --frames  sort and count one log into frames, the input of chart
          chart            make the charts of one partition from the frames of all logs
          assemble         make the manifest and the country charts from all parts

        Shell and samples:
          completions      print completions for bash, zsh or fish
          manual           print the manual page, for man
          synth            generate realistic sample logs

        """))
    #expect(
      help.output.hasSuffix(
        """
        Exit codes:
          0    success: the outputs are complete
          64   wrong usage: a mistake in the flags, or --memory is too small
          65   bad data: damaged logs, too many bad rows, duplicate or missing days
          66   no input: no logs, no kept rollups, no such chart, or no permission
          70   a bug in chartmill: please report it
          73   an output cannot be created, or would replace another file
          74   reading or writing failed, or a disk is full
          75   a folder is in use, or charts were replaced: try again, or add --wait
          130  stopped by SIGINT (Ctrl-C)
          143  stopped by SIGTERM

        """))
  }

  @Test func helpOfRunIsExact() throws {
    let help = try ChartmillProcess.run("run", "--help")
    #expect(help.status == 0)
    #expect(
      help.output == """
        chartmill run: make the charts of the last 7 days, or of another window

        Usage: chartmill run --logs DIR --out DIR [FLAGS]
               chartmill run FILE... --out DIR [FLAGS]
               chartmill run --state DIR --out DIR [FLAGS]

        Reads logs named listen-YYYYMMDD.log[.gz] with rows sng_id|user_id|country.
        Writes the top songs of each country and user, each user's country, and a
        manifest. If it fails, earlier charts are unchanged. CHARTMILL_KEEP_DAYS=8 sets
        --keep-days, and so on for every flag.

        Input:
          --logs DIR                Folder of logs to read; or name files instead.
          --date YYYYMMDD           Last day, 'today' or 'yesterday'. Default: newest.
          --days N                  Number of days, including the last one. Default: 7.
          --require-all-days        Fail if a day has no log. Default: warn.
          --allow-missing-last-day  Do not fail if the last day has no log or rows.

        Output:
          --out DIR                 Folder for the charts, created if missing.
          --format NAME             Format of charts: text, csv or jsonl. Default: text.
          --per-country             Also write each country's chart to its own file.
          --compress                Compress the charts with gzip.
          --top N                   Songs per chart, 1 to 1000. Default: 50.
          --report                  Also write an HTML report of the run.
          --json                    Print one JSON object.

        Bad rows:
          --max-bad-rows SHARE      Maximum share of bad rows in a day. Default: 5%.
          --rejects FILE            Save the bad rows to FILE (gzip; must end in .gz).
          --repair                  Repair malformed rows that have only one meaning.
          --allow-country CC        Also accept this country code. May be repeated.
          --countries FILE          Country codes, one per line. Default: ISO 3166-1.

        Resources:
          --memory SIZE             Memory limit, 32MiB or more. Default: up to 256MiB.
          --threads N               Worker threads. Default: one per available core.
          --partitions N            Power of two; sets the order of users. Default: 64.
          --spill-dir DIR           Folder for spill (temporary) files. Default: --out.
          --spill-limit SIZE        Maximum size of spill files; skips the disk check.

        State:
          --state DIR               Keep a rollup of each day here, for later runs.
          --keep-days N             Keep rollups of the last N days only. Default: all.

        Other:
          --wait                    Wait for a folder in use. Default: fail.
          --quiet                   Print only warnings and errors.
          --stats                   Also print the seconds that each step took.
          --metrics FILE            Write metrics for Prometheus to FILE.
          --color WHEN              Use color: auto, always or never. Default: auto.
          --help                    Show this help.

        Memory: at most --memory, whatever the logs contain.

        Examples:
          chartmill run --logs logs --out charts --date 20260705 --memory 64MiB

        Exit codes: see 'chartmill --help'.

        """)
  }

  @Test func helpOfShowIsExact() throws {
    let help = try ChartmillProcess.run("show", "--help")
    #expect(help.status == 0)
    #expect(
      help.output == """
        chartmill show: show the chart of one user or country, or one song

        Usage: chartmill show --charts DIR --user ID [--campaign] [FLAGS]
               chartmill show --charts DIR --country CC [FLAGS]
               chartmill show --charts DIR --song ID [FLAGS]

        Finds a chart in the published files, in any format, plain or gzip. Shows rank,
        song, streams, and each song's share of the streams in the chart. With --song,
        shows the countries whose chart has the song. The exit code is 66 if there is no
        such chart.

        Input:
          --charts DIR     Folder of published charts.
          --date YYYYMMDD  Date of the charts. Default: the newest one.
          --user ID        Show the chart of this user.
          --country CC     Show the chart of this country.
          --song ID        Show the rank of this song in the charts of all countries.
          --songs FILE     Show the titles in FILE: CSV with the columns
                           sng_id,title,artist, may be gzip.

        Output:
          --campaign       Also show the chart of the user's country.
          --history        Also show each song's peak rank, and on how many dates of the
                           folder it was in the chart.
          --json           Print one JSON object.

        Other:
          --color WHEN     Use color: auto, always or never. Default: auto.
          --help           Show this help.

        Memory: at most 32 MiB, whatever the charts contain.

        Examples:
          chartmill show --charts charts --country FR
          chartmill show --charts charts --user 42 --campaign --json

        Exit codes: see 'chartmill --help'.

        """)
  }

  @Test(arguments: [
    ["run", "-h"], ["run", "--logs", "a", "b.log", "--help"], ["synth", "--help"],
  ])
  func helpTakesPrecedenceInAnyPosition(_ arguments: [String]) throws {
    let help = try ChartmillProcess.run(arguments)
    #expect(help.status == 0)
    #expect(help.output.hasPrefix("chartmill \(arguments[0]): "))
  }

  @Test(arguments: [[]] + Commands.names.map { [$0] })
  func helpFitsOnAScreen(_ command: [String]) throws {
    let lines = try ChartmillProcess.run(command + ["--help"]).output.split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 60)
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  /// The parser accepts every flag that help lists.
  @Test(arguments: ["run", "plan", "rollup", "synth", "chart", "assemble"])
  func everyFlagOfHelpIsAccepted(_ command: String) throws {
    let lines = try ChartmillProcess.run(command, "--help").output.split(separator: "\n")
    let flags = lines.filter { $0.hasPrefix("  --") }.map { $0.split(separator: " ") }
    #expect(flags.count > 9)
    for words in flags {
      let takesValue = words[1].allSatisfy { $0.isUppercase }
      let process = try ChartmillProcess.run(
        [command, String(words[0])] + (takesValue ? ["1"] : []) + ["--help"])
      #expect(process.status == 0, "\(words[0]): \(process.errors)")
    }
  }

  @Test func versionNamesTheCodec() throws {
    let process = try ChartmillProcess.run("--version")
    #expect(process.status == 0)
    #expect(process.output == "chartmill \(chartmillVersion) (gzip: \(codecName))\n")
  }

  @Test func aFullStandardOutputIsAnError() throws {
    let process = try ChartmillProcess.run(["--help"], outputPath: "/dev/full")
    #expect(process.errors == "chartmill: cannot write standard output: No space left on device\n")
    #expect(process.status == 74)
  }

  /// `ExitStatus` has the table of exit codes. Every other list of exit codes must agree with it.
  @Test func everyListOfExitCodesIsComplete() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let table = try #require(readme.components(separatedBy: "## Exit codes\n").last)
    let listed = table.split(separator: "\n").prefix { !$0.hasPrefix("##") }
      .filter { $0.hasPrefix("| ") }
      .flatMap { $0.dropFirst(2).prefix { $0 != "|" }.split { " ,".contains($0) } }
      .compactMap { Int32($0) }
    #expect(listed == ExitStatus.allCases.map(\.code))
    for status in ExitStatus.allCases {
      #expect(Manual.page.contains("\(status.code)"))
      #expect(Help.text(of: nil).contains("\(status.code)"))
    }
  }
}
