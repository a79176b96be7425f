internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem

/// The sections of the manual page that do not come from the commands. Tests compare the file
/// names, lines and keys in them with those of a real run.
enum ManualTexts {
  struct Format {
    let title: String
    let text: [String]
    var entries: [(name: String, text: String)] = []
    /// Sample lines of the files that this format has.
    var examples: [(name: String, lines: [String])] = []
  }

  static let description = [
    """
    Chartmill counts the streams in listening logs, and writes the top songs of each user and of each \
    country. The counts are exact. The charts cover a window of days that ends with the newest log, or \
    with --date.
    """,
    """
    Chartmill sorts on disk, so its memory stays within --memory, whatever the logs hold. Before it reads \
    the first row, it checks that the memory and the disk space are sufficient.
    """,
    """
    All files of a date are published together, the manifest last. The charts of a date are complete if \
    and only if their manifest exists. If a run fails, the files of an earlier run remain.
    """,
    """
    With --state, a run keeps a rollup of each day, and later runs read only logs that are new or changed.
    """,
  ]

  static let flags = [
    """
    The value of a flag is the next word, or follows an equals sign: --days 7 or --days=7. SIZE is a \
    number of bytes, or a number with a unit, such as 64MiB, 1GiB or 500MB. A file whose name begins with \
    a dash must come after '--'.
    """,
    "The section of a command names the common flags that it accepts.",
  ]

  static let files: [(name: String, text: String)] = [
    (
      "listen-YYYYMMDD.log, listen-YYYYMMDD-PART.log",
      "A log of that day, or a part of it, in the folder of --logs. The name of a gzip file also ends in "
        + ".gz."
    ),
    (
      named(names.userCharts),
      "The chart of each user, in the folder of --out. N is the value of --top, and the date is the last "
        + "day of the window. Like all chart files, its name ends in .csv or .jsonl with "
        + "--format, and also in .gz with --compress."
    ),
    (named(names.countryCharts), "The chart of each country, in the folder of --out."),
    (named(names.userCountries), "The country of each user, in the folder of --out."),
    (
      named(names.chart(ofCountry: "FR")),
      "The chart of one country. With --per-country, there is one such file for each country."
    ),
    (
      named(names.manifest),
      "The manifest in the folder of --out: what was read, counted and written."
    ),
    (named(OutputNames.report(day)), "The page that 'report' writes in the folder of --out."),
    (
      "day-YYYYMMDD.rollup.gz",
      "The kept rollup of a day, in the folder of --state. It holds user ids, so only its owner can read "
        + "it."
    ),
    (
      FolderLock.name,
      "The lock of a run, in the folders of --out and --state. It holds the process id. The lock ends "
        + "with the process."
    ),
    (
      ".chartmill-*",
      "Files that are not complete yet. The next run removes those that a killed run left. Spill files, in "
        + "the folder of --spill-dir, have no names, so a killed run leaves none."
    ),
  ]

  static let formats: [Format] = [
    Format(
      title: "Logs",
      text: [
        """
        Each line is a row for one stream: song id, user id and country, as in 1479118498|76131|CD. \
        Lines end in a line feed, or in a carriage return and a line feed. The line end is optional on the \
        last line. An id is a number from 0 to \(Int.max). A country is an assigned code of ISO 3166-1, or \
        a code that --allow-country adds. A file given with --countries replaces that list.
        """,
        """
        A row that breaks a rule is a bad row. It is counted under the first reason that applies, and is \
        in no chart:
        """,
      ],
      entries: reasons.map { ($0.name, meaning($0)) }),
    Format(
      title: "Repairs",
      text: ["With --repair, these rows are counted, because each has only one possible meaning:"],
      entries: RepairRule.allCases.map { ($0.name, meaning($0)) }),
    Format(
      title: "Charts",
      text: [
        """
        A chart lists the songs with the most streams, up to the number that --top sets. If two songs \
        have the same number of streams, the smaller id comes first. Countries are sorted by code. Users \
        are sorted by id within each partition.
        """,
        """
        A user's country is the one where the user has the most streams; ties go to the first by code.
        """,
        """
        If user 42 streamed song 7 three times and song 9 once, all in FR, these are the lines of the three \
        files, user charts first:
        """,
      ],
      examples: ChartFormat.allCases.map { ("--format \($0.rawValue)", example($0)) }),
    Format(
      title: "Exports",
      text: [
        """
        The list that 'export --users' reads has one user id per line, in any order. A heading user_id, blank \
        lines and lines that begin with '#' are ignored.
        """,
        """
        A record of 'export' has the user's chart, and with --campaign also the chart of the user's country:
        """,
      ],
      examples: [
        ("--format jsonl", [#"{"user_id":42,"country":"FR","chart":[{"sng_id":7,"streams":3}]}"#]),
        ("--format csv", ["user_id,country,chart,rank,sng_id,streams", "42,FR,user,1,7,3"]),
        ("--format text", ["42|FR|7:3"]),
      ]),
    Format(
      title: "Song titles",
      text: [
        """
        The file that --songs names is CSV as in RFC 4180, plain or gzip. Its first line is \
        \(SongTitles.heading), and each song has a line, in any order.
        """
      ]),
    Format(
      title: "Manifest",
      text: [
        "A JSON object. All keys except \"run\" have the same values for the same logs and flags. The keys are:"
      ],
      entries: [
        ("format", "The version of this layout."),
        ("date", "The last day of the window, as YYYYMMDD."),
        ("window", "The days of the window, and those that are missing."),
        ("partitions", "The value of --partitions."),
        ("top", "The value of --top."),
        ("chartFormat", "The value of --format."),
        ("rules", "The list of countries, and whether rows were repaired."),
        ("inputs", "Each log, one per line: name, size, CRC-32, rows and bad rows."),
        ("logNotices", "Possible mistakes in the logs, such as two logs with the same content."),
        (
          "totals",
          "Rows, bad rows by reason with samples, users, countries, and streams by country."
        ),
        (
          "outputs",
          "Each chart file: name, size, lines, CRC-32, where its partitions begin, and the files "
            + "that hold it if it is not one file of that name."
        ),
        (
          "run",
          "Version, threads, memory and seconds of the run, its warnings, and the days charted from "
            + "kept rollups, and the value of each flag."
        ),
      ]),
    Format(
      title: "Rejects",
      text: [
        """
        The file that --rejects names is gzip. Each line has four fields, separated by tabs: the name \
        of the log, the line number, the reason, and the row. A line that is too long is cut.
        """
      ]),
    Format(
      title: "Countries",
      text: [
        """
        The file that --countries names has one code per line, at most \(CountryList.maxCount) codes. Blank \
        lines are ignored, and '#' begins a comment.
        """
      ]),
  ]

  static let environment: [(name: String, text: String)] = [
    (
      "\(Settings.prefix)FLAG",
      "The value of a flag of 'run', for 'run', 'plan' and 'backfill': \(Flag.keepDays.variable)=8 is "
        + "--keep-days 8. For a flag without a value, yes or no; for one that may be repeated, values "
        + "separated by commas or spaces. A flag on the command line wins. 'plan' shows where each "
        + "value comes from."
    ),
    ("NO_COLOR", "If it is set and not empty, --color auto prints no colors."),
    ("TERM", "If it is 'dumb' or not set, --color auto prints no colors."),
    ("TMPDIR", "The folder of the spill file of 'export', unless --spill-dir names one."),
    (
      "TZ",
      "The time zone of 'today' and 'yesterday', and of the date after which a log is in the future."
    ),
  ]

  static let bugs = [
    """
    Report bugs in the project's issue tracker. Exit status \(ExitStatus.software.code), and a warning that \
    memory was above --memory, are always bugs.
    """,
    """
    If a file system does not support locks, Chartmill cannot tell that a run on another machine is writing in \
    the same folder.
    """,
  ]

  static let seeAlso: [(name: String, section: Int)] = [
    ("gzip", 1), ("jq", 1), ("crontab", 5), ("systemd.timer", 5),
  ]

  private static let day = Day.first
  private static let names = OutputNames(day: day, top: ChartOptions.defaultTop, ChartEncoding())

  /// The name of a file with placeholders for the date and for `--top`.
  private static func named(_ name: String) -> String {
    name.replacing(day.description, with: "YYYYMMDD")
      .replacing("top\(ChartOptions.defaultTop)", with: "topN")
  }

  /// The reasons, in the order in which a row is checked for them.
  private static let reasons =
    [RejectReason.lineTooLong] + RejectReason.allCases.filter { $0 != .lineTooLong }

  private static func meaning(_ reason: RejectReason) -> String {
    switch reason {
    case .blank: "The line is empty."
    case .fieldCount: "The line does not have exactly three fields."
    case .songID: "The song id is not a number in the range, in decimal digits."
    case .userID: "The user id is not a number in the range, in decimal digits."
    case .countrySyntax: "The country is neither in the list nor two letters A to Z."
    case .unknownCountry: "The country is two letters A to Z that are not in the list."
    case .lineTooLong: "The line has more than \(RejectReason.maxLineBytes) bytes."
    }
  }

  private static func meaning(_ rule: RepairRule) -> String {
    switch rule {
    case .gluedRows: "Rows with no newline between them, such as 1|2|FR3|4|DE."
    case .commas: "Commas instead of bars, such as 1,2,FR."
    case .doubledCountry: "The country twice, such as 1|2|FRFR."
    case .lowerCaseCountry: "The country in lower case, such as 1|2|fr."
    case .unitedKingdom: "UK instead of GB, unless UK is in the list of countries."
    case .byteOrderMark: "A UTF-8 byte order mark before the first row."
    }
  }

  private static func example(_ format: ChartFormat) -> [String] {
    switch format {
    case .text: ["42|7:3,9:1", "FR|7:3,9:1", "42|FR"]
    case .csv:
      [
        "user_id,rank,sng_id,streams", "42,1,7,3", "42,2,9,1",
        "country,rank,sng_id,streams", "FR,1,7,3", "FR,2,9,1",
        "user_id,country", "42,FR",
      ]
    case .jsonl:
      [
        #"{"user_id":42,"chart":[{"sng_id":7,"streams":3},{"sng_id":9,"streams":1}]}"#,
        #"{"country":"FR","chart":[{"sng_id":7,"streams":3},{"sng_id":9,"streams":1}]}"#,
        #"{"user_id":42,"country":"FR"}"#,
      ]
    }
  }
}
