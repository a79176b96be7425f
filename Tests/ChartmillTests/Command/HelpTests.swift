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
          run              make the charts of a window of days
          plan             show what run would read, and what memory and disk it takes
          backfill         make the charts of every date of a range
          rollup           roll up logs ahead of a run that keeps its rollups
          state            list, check or prune kept rollups

        Look at logs and charts:
          show             show the chart of one user or country
          compare          show how charts moved from one date to another
          report           write a page about a run: rows, countries, charts, users
          verify           check published charts against their manifest
          check            read logs without charting: bad rows, countries, users

        Many machines:
          rollup --frames  roll up one log into frames, for chart
          chart            chart one partition from the frames of all logs
          assemble         make the manifest and the country charts of all partitions

        Shell and samples:
          completions      print completions for bash, zsh or fish
          manual           print the manual page, for man
          synth            write realistic logs to try it with

        """))
    #expect(
      help.output.hasSuffix(
        """
        Exit codes:
          0    done: the outputs are complete
          64   a mistake in the flags, or a budget too small
          65   bad data: corrupt gzip, too many bad rows, a day twice or missing
          66   no logs, a log that cannot be opened, no kept rollups, or no such chart
          70   a fault of this program: please report it
          73   a folder or file cannot be made, or must not be written over
          74   reading or writing failed, or the disk is full
          75   another run is writing in the output folder; try again later
          130  stopped by SIGINT (Ctrl-C)
          143  stopped by SIGTERM

        """))
  }

  @Test func helpOfRunIsExact() throws {
    let help = try ChartmillProcess.run("run", "--help")
    #expect(help.status == 0)
    #expect(
      help.output == """
        chartmill run: make the charts of a window of days

        Usage: chartmill run --logs DIR --out DIR [FLAGS]
               chartmill run FILE... --out DIR [FLAGS]
               chartmill run --state DIR --out DIR [FLAGS]

        Reads listen-YYYYMMDD.log[.gz], rows sng_id|user_id|country. Writes the top
        songs of each country and user, each user's country, and a manifest. Replaces
        all files or none.

        Input:
          --logs DIR                Folder of the logs; or name the files instead.
          --date YYYYMMDD           Last day, 'yesterday' or 'today'. Default: newest.
          --days N                  Calendar days in the window. Default: 7.
          --require-all-days        Fail if a day has no log, instead of warning.
          --allow-missing-last-day  Chart a date that has no log of its own.

        Output:
          --out DIR                 Folder for the charts; created if missing.
          --format NAME             text, csv or jsonl. Default: text.
          --per-country             Also write each country's chart to its own file.
          --compress                Compress the charts with gzip.
          --top N                   Songs per chart, 1 to 1000. Default: 50.

        Bad rows:
          --max-bad-rows SHARE      Fail if more of a day's rows are bad. Default: 5%.
          --rejects FILE            Write the bad rows of the logs read to FILE, a .gz.
          --repair                  Repair rows that can be read in one way only.
          --allow-country CC        Accept this code as a country. May be repeated.
          --countries FILE          File of codes, one per line, instead of ISO 3166-1.

        Resources:
          --memory SIZE             Limit for the process, at least 32MiB. Default:
                                    256MiB, less in a small container.
          --threads N               Worker threads. Default: one per available core.
          --partitions N            Power of two; orders the user files. Default: 64.
          --spill-dir DIR           Folder for spill files. Default: that of --out.
          --spill-limit SIZE        Limit for spill files, instead of a disk check.

        State:
          --state DIR               Keep rollups of days here, and use those kept.
          --keep-days N             Drop rollups older than N days. Default: keep all.

        Other:
          --wait                    Wait for a folder in use, instead of failing.
          --quiet                   Print warnings and errors only.
          --stats                   Print the seconds that each step took.
          --metrics FILE            Write metrics of the run for Prometheus.
          --color WHEN              auto, always or never. Default: auto.
          --help                    Show this help.

        Memory: at most --memory, whatever the logs hold.

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
        chartmill show: show the chart of one user or country

        Usage: chartmill show --out DIR --user ID [--campaign] [FLAGS]
               chartmill show --out DIR --country CC [FLAGS]

        Looks a chart up in the published files, of any format, plain or gzip: rank,
        song, streams, and the share of the streams in that chart. Ends with code 66 if
        there is no such chart.

        Input:
          --out DIR        Folder of the charts.
          --date YYYYMMDD  Date of the charts. Default: the newest.
          --user ID        The chart of this user.
          --country CC     The chart of this country.

        Output:
          --campaign       The user's chart, their country, and its chart.
          --json           Print one JSON object.

        Other:
          --color WHEN     auto, always or never. Default: auto.
          --help           Show this help.

        Memory: at most 32 MiB, whatever the charts hold.

        Examples:
          chartmill show --out charts --country FR
          chartmill show --out charts --user 42 --campaign --json

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

  @Test(arguments: [
    [], ["run"], ["synth"], ["verify"], ["show"], ["compare"], ["check"], ["report"], ["chart"],
    ["assemble"], ["rollup"],
  ])
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
    #expect(process.errors == "chartmill: standard output: No space left on device\n")
    #expect(process.status == 74)
  }

  /// `ExitStatus` has the table of exit codes. Every other list of them must agree with it.
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
