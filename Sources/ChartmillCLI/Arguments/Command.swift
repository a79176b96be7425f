/// The commands, with what their help says. A new one is a case here, uses in `Flag`, and a line
/// in `Front`.
enum Command: String, CaseIterable {
  case run
  case plan
  case digest
  case backfill
  case state
  case synth
  case verify
  case check
  case show
  case compare
  case report
  case chart
  case assemble
  case completions
  case manual

  /// A line of the list of commands.
  var summary: String {
    switch self {
    case .run: "make the charts of a window of days"
    case .plan: "show what run would read, and what memory and disk it takes"
    case .digest: "digest logs ahead of a run that keeps its digests"
    case .backfill: "make the charts of every date of a range"
    case .state: "list, check or prune kept digests"
    case .synth: "write realistic logs to try it with"
    case .verify: "check published charts against their manifest"
    case .show: "show the chart of one user or country"
    case .compare: "show how charts moved from one date to another"
    case .report: "write a page about a run: rows, countries, charts, users"
    case .completions: "print completions for bash, zsh or fish"
    case .manual: "print the manual page, for man"
    case .check: "read logs without charting: bad rows, countries, users"
    case .chart: "for engines: chart one partition from framed digests"
    case .assemble: "for engines: make manifest and country charts of all parts"
    }
  }

  /// What follows `chartmill`.
  var usage: [String] {
    switch self {
    case .run:
      [
        "run --logs DIR --out DIR [FLAGS]", "run FILE... --out DIR [FLAGS]",
        "run --state DIR --out DIR [FLAGS]",
      ]
    case .plan: ["plan --logs DIR [FLAGS]", "plan FILE... [FLAGS]"]
    case .digest:
      [
        "digest --logs DIR --state DIR [FLAGS]", "digest FILE... --state DIR [FLAGS]",
        "digest - --name NAME --state DIR [FLAGS] < LOG",
        "digest FILE --frames [FLAGS] > FRAMES",
        "digest - --name NAME --frames [FLAGS] < LOG > FRAMES",
      ]
    case .backfill: ["backfill --logs DIR --out DIR --state DIR --from D1 --to D2 [FLAGS]"]
    case .state: ["state --state DIR [--check] [--prune] [FLAGS]"]
    case .synth: ["synth --out DIR [FLAGS]"]
    case .verify: ["verify DIR [FLAGS]"]
    case .show:
      ["show --out DIR --user ID [--campaign] [FLAGS]", "show --out DIR --country CC [FLAGS]"]
    case .compare: ["compare --out DIR D1 D2 [--country CC ... | --user ID] [FLAGS]"]
    case .report: ["report --out DIR [FLAGS]"]
    case .completions: ["completions SHELL"]
    case .manual: ["manual"]
    case .check: ["check FILE... [FLAGS]", "check - [FLAGS] < LOG", "check --logs DIR [FLAGS]"]
    case .chart:
      [
        "chart --partition K [FLAGS] < FRAMES > LINES",
        "chart --partition K --records countries < FRAMES > COUNTS",
      ]
    case .assemble: ["assemble --out DIR [FLAGS] < COUNTS"]
    }
  }

  /// What stands without a flag before it.
  enum Operand {
    case file
    case folder
    case date
    case shell
  }

  /// Nil when all has a flag.
  var operand: Operand? {
    switch self {
    case .run, .plan, .digest, .check: .file
    case .verify: .folder
    case .compare: .date
    case .completions: .shell
    case .backfill, .state, .synth, .show, .report, .chart, .assemble, .manual: nil
    }
  }

  var about: String {
    switch self {
    case .run:
      """
      Reads listen-YYYYMMDD.log[.gz], rows sng_id|user_id|country. Writes the top songs of each \
      country and user, each user's country, and a manifest. All files are replaced, or none.
      """
    case .plan:
      """
      Shows the window, the days without a log, how --memory is spent, and about how much disk \
      is needed. Takes every flag of 'run'. Looks at names, sizes and kept digests, and writes \
      nothing.
      """
    case .digest:
      """
      Digests the logs of the window that are new or changed, and keeps the digests in --state, \
      where run and backfill find them. '-' is a log on standard input. With --frames, writes the digest of one log to standard \
      output, for 'chart' on any machine.
      """
    case .backfill:
      """
      Makes the charts of each date, digesting each day once. Dates that are finished are left \
      out, so the same command goes on after a failure. Dates without a log of their own are \
      skipped, and the code is then 66.
      """
    case .state:
      """
      Lists the kept digests: day, rows, bad rows, size, and what is wrong with them, if anything. \
      A run may be writing meanwhile. "present" means that the record of a digest could be read, \
      and "verified", with --check, all of it.
      """
    case .synth:
      """
      Writes one log a day, the same bytes for the same flags. Logs that are there already are \
      never written over.
      """
    case .verify:
      """
      Reads the charts of DIR again and checks sizes, CRCs, order, ties, counts and users. Ends \
      with code 65 at the first difference, naming file and line.
      """
    case .show:
      """
      Looks a chart up in the published files, of any format, plain or gzip: rank, song, streams, \
      and the share of the streams in that chart. Ends with code 66 when there is no such chart.
      """
    case .compare:
      """
      Shows each chart of D2 with what moved since D1: up, down, NEW, and the songs that left. \
      Ends with code 66 when a user or country has no chart at either date.
      """
    case .report:
      """
      Writes one page of HTML that needs no network: rows and bad rows by day, warnings, countries, \
      charts and how they moved, streams per user, time and memory. Takes milliseconds: it reads \
      manifests and country charts, not those of users.
      """
    case .completions:
      """
      Prints a script that completes commands, flags and files in SHELL: bash, zsh or fish.
      """
    case .manual:
      """
      Prints chartmill(1) for a roff reader: all commands, flags and exit codes.
      """
    case .check:
      """
      Counts rows, bad rows by reason with samples, those that --repair would mend, countries \
      and users. Writes nothing. A log that cannot be read is named, and the code is not 0.
      """
    case .chart:
      """
      Reads frames of one half of one partition, of all logs, in any order. The lines of all \
      partitions in order are the files of 'run'. Local charts of countries are for 'assemble'.
      """
    case .assemble:
      """
      Reads what 'digest --frames' and 'chart' counted, in any order. Writes the charts of \
      countries and the manifest, when every row is in a chart of each kind.
      """
    }
  }

  var memory: String {
    switch self {
    case .run, .digest, .backfill, .chart: "at most --memory, whatever the logs hold."
    case .plan: "at most 16 MiB, and about 1 KiB per log."
    case .state, .synth, .completions, .manual: "at most 32 MiB."
    case .verify, .show, .compare, .report: "at most 32 MiB, whatever the charts hold."
    case .check: "16 MiB, 1 MiB per thread, and about 2 KiB per log."
    case .assemble: "16 MiB, and about 4 KiB per log and partition."
    }
  }

  var examples: [String] {
    switch self {
    case .run:
      [
        "run --logs logs --out charts --date 20260705 --memory 64MiB"
      ]
    case .plan: ["plan --logs logs --out charts --memory 64MiB"]
    case .digest: ["digest --logs logs --state state"]
    case .backfill:
      ["backfill --logs logs --out charts --state state --from 20260601 --to 20260630"]
    case .state: ["state --state state --check", "state --state state --prune --keep-days 8"]
    case .synth: ["synth --out logs --rows 1000000 --users 200000 --gzip"]
    case .verify: ["verify charts", "verify charts --date 20260705"]
    case .show:
      ["show --out charts --country FR", "show --out charts --user 42 --campaign --json"]
    case .compare:
      [
        "compare --out charts 20260628 20260705 --country FR --country DE",
        "compare --out charts 20260628 20260705 --user 42",
      ]
    case .report: ["report --out charts", "report --out charts --date 20260705 --html week.html"]
    case .completions: ["completions bash > /etc/bash_completion.d/chartmill"]
    case .manual: ["manual > chartmill.1", "manual | man -l -"]
    case .check: ["check logs/listen-20260705.log.gz", "check --logs logs --days 1 --json"]
    case .chart: ["chart --partition 3 --homes homes --counts counts < frames > lines"]
    case .assemble: ["assemble --out charts --date 20260705 < counts"]
    }
  }
}
