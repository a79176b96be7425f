import Testing

/// Each mistake in the arguments gives exit code 64, prints nothing on standard output, and prints
/// an exact text that names the flag, the value and the fix.
@Suite struct UsageErrorTests {
  struct Mistake: CustomTestStringConvertible {
    let arguments: [String]
    /// The message, without the program's name at the beginning and the pointer to help at the end.
    let problem: String
    var fix: String?
    var help = "chartmill run --help"

    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static let whole = ["run", "--logs", "a", "--out", "b"]

  static let mistakes = [
    Mistake(
      arguments: [], problem: "no command was given",
      fix: commandList,
      help: "chartmill --help"),
    Mistake(
      arguments: ["rnu"], problem: "unknown command 'rnu'; did you mean 'run'?",
      help: "chartmill --help"),
    Mistake(
      arguments: ["frobnicate"], problem: "unknown command 'frobnicate'",
      fix: commandList, help: "chartmill --help"),
    Mistake(
      arguments: ["--verison"], problem: "unknown flag '--verison'; did you mean '--version'?",
      fix: "Begin with a command.\n  \(commandList)",
      help: "chartmill --help"),
    Mistake(
      arguments: ["--quiet", "run"], problem: "--quiet was given before any command",
      fix: "Put it after the command: chartmill run --quiet ...", help: "chartmill --help"),
    Mistake(
      arguments: ["run", "--memroy", "1GiB"],
      problem: "unknown flag '--memroy'; did you mean '--memory'?"),
    // getopt_long would accept the abbreviation, and a later flag with the same beginning would
    // break scripts that use it.
    Mistake(
      arguments: ["run", "--mem=1GiB"],
      problem: "unknown flag '--mem'; did you mean '--memory'?"),
    Mistake(
      arguments: ["completions", "bash", "extra"],
      problem: "'completions' takes one shell, but was also given 'extra'",
      fix: "For example: chartmill completions bash.",
      help: "chartmill completions --help"),
    Mistake(
      arguments: ["completions"],
      problem: "'completions' needs the name of a shell: bash, zsh, fish",
      fix: "For example: chartmill completions bash.",
      help: "chartmill completions --help"),
    Mistake(
      arguments: ["completions", "ksh"], problem: "no completions for 'ksh'",
      fix: "Shells: bash, zsh, fish.", help: "chartmill completions --help"),
    Mistake(
      arguments: ["run", "-x"], problem: "unknown flag '-x'",
      fix: "Flags are whole words, for example --quiet; only -h is short."),
    Mistake(
      arguments: ["run", "--output", "b"],
      problem: "unknown flag '--output'; did you mean '--out'?"),
    Mistake(
      arguments: ["run", "--ouput", "b"],
      problem: "unknown flag '--ouput'; did you mean '--out'?"),
    Mistake(
      arguments: ["backfill", "--state-dir=b"],
      problem: "unknown flag '--state-dir'; did you mean '--state'?",
      help: "chartmill backfill --help"),
    Mistake(
      arguments: ["run", "--frobnicate"], problem: "unknown flag '--frobnicate'"),
    Mistake(
      arguments: whole + ["--logs", "c"], problem: "--logs was given twice",
      fix: "Use --logs DIR once."),
    Mistake(
      arguments: ["show", "--charts", "a", "--user", "1", "--user=2"],
      problem: "--user was given twice", fix: "Use --user ID once.",
      help: "chartmill show --help"),
    Mistake(
      arguments: whole + ["--keep-days", "8"], problem: "--keep-days has no effect without --state",
      fix: "Add --state DIR, the folder of kept rollups, or leave out --keep-days."),
    Mistake(
      arguments: ["state", "--state", "a", "--keep-days", "8"],
      problem: "--keep-days has no effect without --prune",
      fix: "Add --prune, or leave out --keep-days.", help: "chartmill state --help"),
    Mistake(
      arguments: ["help", "run", "plan"], problem: "unexpected argument 'plan'",
      fix: "Leave it out.", help: "chartmill --help"),
    Mistake(
      arguments: ["help", "help", "run"], problem: "unexpected argument 'run'",
      fix: "Leave it out.", help: "chartmill --help"),
    Mistake(
      arguments: ["help", "--quiet"], problem: "unexpected argument '--quiet'",
      fix: "Leave it out.", help: "chartmill --help"),
    Mistake(
      arguments: ["--help", "run", "plan"], problem: "unexpected argument 'plan'",
      fix: "Leave it out.", help: "chartmill --help"),
    Mistake(
      arguments: ["-V", "run"], problem: "unexpected argument 'run'", fix: "Leave it out.",
      help: "chartmill --help"),
    Mistake(
      arguments: ["--version", "--quiet"], problem: "unexpected argument '--quiet'",
      fix: "Leave it out.", help: "chartmill --help"),
    Mistake(
      arguments: ["version", "run"], problem: "unexpected argument 'run'", fix: "Leave it out.",
      help: "chartmill --help"),
    Mistake(
      arguments: ["help", "rnu"], problem: "unknown command 'rnu'; did you mean 'run'?",
      help: "chartmill --help"),
    Mistake(
      arguments: ["export", "--charts", "a", "--user", "5"],
      problem: "'export' does not take --user; did you mean '--users'?",
      fix: "--user is a flag of 'show' and 'compare'.", help: "chartmill export --help"),
    Mistake(
      arguments: ["export", "--charts", "a", "--users", "-", "--songs", "-"],
      problem: "both --users and --songs are '-', standard input",
      fix: "Name a file for one of them.", help: "chartmill export --help"),
    Mistake(
      arguments: ["run", "--seed", "3"], problem: "'run' does not take --seed",
      fix: "--seed is a flag of 'synth'."),
    Mistake(
      arguments: ["synth", "--out", "a", "--repair"], problem: "'synth' does not take --repair",
      fix: "--repair is a flag of 'run', 'plan', 'backfill', 'rollup' and 'assemble'.",
      help: "chartmill synth --help"),
    Mistake(
      arguments: ["run", "--version"], problem: "'run' does not take --version",
      fix: "Use it alone: chartmill --version."),
    Mistake(
      arguments: ["run", "--logs"], problem: "--logs needs a value", fix: "Use --logs DIR."),
    Mistake(
      arguments: ["run", "--logs", "--out", "b"], problem: "--logs needs a value",
      fix: "Use --logs DIR."),
    Mistake(
      arguments: whole + ["--quiet=yes"],
      problem: "--quiet takes no value, but was given '--quiet=yes'", fix: "Use --quiet."),
    Mistake(
      arguments: ["synth", "--out", "a", "b"],
      problem: "unexpected argument 'b'", fix: "Leave it out.", help: "chartmill synth --help"),
    Mistake(
      arguments: ["run", "--out", "b"], problem: "no logs were given",
      fix: "Use --logs DIR, or name the files."),
    Mistake(
      arguments: whole + ["c.log"], problem: "both --logs and files were given ('c.log' ...)",
      fix: "Use --logs DIR to read a folder, or only the names of the files."),
    Mistake(
      arguments: ["run", "--logs", "a"],
      problem: "--out DIR is required: the folder for the charts, created if missing",
      fix: "Usage: chartmill run --logs DIR --out DIR [FLAGS]"),
    Mistake(
      arguments: ["synth"],
      problem: "--out DIR is required: the folder for the logs, created if missing",
      fix: "Usage: chartmill synth --out DIR [FLAGS]", help: "chartmill synth --help"),
    Mistake(
      arguments: ["backfill", "--logs", "a"],
      problem: "--state DIR is required: the folder of kept rollups, which later runs use instead "
        + "of the logs",
      fix: "Usage: chartmill backfill --logs DIR --out DIR --state DIR --from DATE --to DATE "
        + "[FLAGS]", help: "chartmill backfill --help"),
    Mistake(
      arguments: ["run", "--logs", "a", "--out", ""], problem: "the name after --out is empty",
      fix: "Name a folder; '.' is the current one. Is a variable unset?"),
    Mistake(
      arguments: whole + ["--memory", "16MiB"],
      problem: "--memory '16MiB' is below the minimum of 32MiB",
      fix: """
        Use --memory 32MiB or more: the program, its stacks, gzip and sort buffers need most of that.
        """),
    Mistake(
      arguments: whole + ["--memory", "64"],
      problem: "--memory '64' means 64 bytes, which is below the minimum of 32MiB",
      fix: """
        Use --memory 32MiB or more: the program, its stacks, gzip and sort buffers need most of that.
        """),
    Mistake(
      arguments: whole + ["--memory", "1.5GiB"], problem: "--memory '1.5GiB' is not a size",
      fix: "Use a whole number with a unit, for example 256MiB, 1GiB or 500MB, or a plain "
        + "number of bytes."
    ),
    Mistake(
      arguments: whole + ["--memory", "99999999999GiB"],
      problem: "--memory '99999999999GiB' is not a size",
      fix: "Use a whole number with a unit, for example 256MiB, 1GiB or 500MB, or a plain "
        + "number of bytes."
    ),
    Mistake(
      arguments: whole + ["--date", "2026-07-05"], problem: "--date '2026-07-05' is not a date",
      fix: "Use --date 20260705."),
    Mistake(
      arguments: whole + ["--date", "20260229"], problem: "--date '20260229' is not a date",
      fix: "Use an existing date in the form YYYYMMDD, for example --date 20260705."),
    Mistake(
      arguments: whole + ["--days", "0"],
      problem: "--days '0' is not a whole number from 1 to 3660",
      fix: "For example: --days 7."),
    Mistake(
      arguments: whole + ["--days", "-1"],
      problem: "--days '-1' is not a whole number from 1 to 3660",
      fix: "For example: --days 7."),
    Mistake(
      arguments: whole + ["--top", "1001"],
      problem: "--top '1001' is not a whole number from 1 to 1000",
      fix: "For example: --top 50."),
    Mistake(
      arguments: whole + ["--threads", "two"],
      problem: "--threads 'two' is not a whole number from 1 to 1024",
      fix: "For example: --threads 2."),
    Mistake(
      arguments: whole + ["--partitions", "100"],
      problem: "--partitions '100' is not a power of two from 1 to 1024",
      fix: "For example: --partitions 64."),
    Mistake(
      arguments: whole + ["--partitions", "2048"],
      problem: "--partitions '2048' is not a power of two from 1 to 1024",
      fix: "For example: --partitions 1024."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "5"],
      problem: "--max-bad-rows '5' could be a percentage or a count of rows",
      fix: "Use --max-bad-rows 5% for a percentage; a count is not accepted."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "101%"],
      problem: "--max-bad-rows '101%' is not a share from 0% to 100%, or 0 to 1",
      fix: "For example: --max-bad-rows 5% or --max-bad-rows 0.05."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "nan"],
      problem: "--max-bad-rows 'nan' is not a share from 0% to 100%, or 0 to 1",
      fix: "For example: --max-bad-rows 5% or --max-bad-rows 0.05."),
    Mistake(
      arguments: whole + ["--rejects", "bad.txt"],
      problem: "--rejects 'bad.txt' does not end in .gz, but the file is gzip",
      fix: "Use --rejects bad.txt.gz."),
    Mistake(
      arguments: whole + ["--rejects", "-"],
      problem: "--rejects cannot write to '-': it replaces a file when the run ends",
      fix: "Name a file, for example --rejects rejects.gz."),
    Mistake(
      arguments: ["check", "a.log", "--days", "3"],
      problem: "--days chooses logs in a folder, but files were named",
      fix: "Leave it out, or use --logs DIR instead of the files.", help: "chartmill check --help"
    ),
    Mistake(
      arguments: whole + ["--allow-country", "XK", "--allow-country", "xk"],
      problem: "--allow-country 'xk' is not a country code",
      fix: "Use two capital letters, for example --allow-country XK."),
    Mistake(
      arguments: whole + ["--allow-country", "xk,EU"],
      problem: "--allow-country takes one country code, but was given 'xk,EU'",
      fix: "Repeat the flag: --allow-country XK --allow-country EU."),
    Mistake(
      arguments: whole + ["--color", "yes"],
      problem: "--color 'yes' is not one of auto, always, never",
      fix: "For example: --color auto."),
    Mistake(
      arguments: ["report"], problem: "--charts DIR is required: the folder of published charts",
      fix: "Usage: chartmill report --charts DIR [FLAGS]",
      help: "chartmill report --help"),
    Mistake(
      arguments: ["report", "--charts", "a", "b"],
      problem: "unexpected argument 'b'", fix: "Leave it out.", help: "chartmill report --help"),
    Mistake(
      arguments: ["show", "a", "--user", "5"], problem: "unexpected argument 'a'",
      fix: "Did you mean --charts a?", help: "chartmill show --help"),
    Mistake(
      arguments: ["verify", "a"], problem: "unexpected argument 'a'",
      fix: "Did you mean --charts a?", help: "chartmill verify --help"),
    Mistake(
      arguments: ["verify"], problem: "--charts DIR is required: the folder of published charts",
      fix: "Usage: chartmill verify --charts DIR [FLAGS]", help: "chartmill verify --help"),
    Mistake(
      arguments: ["verify", "--charts", ""], problem: "the name after --charts is empty",
      fix: "Name a folder; '.' is the current one. Is a variable unset?",
      help: "chartmill verify --help"),
    // Each command calls the folder by one name.
    Mistake(
      arguments: ["report", "--out", "a"],
      problem: "unknown flag '--out'; did you mean '--charts'?", help: "chartmill report --help"),
    Mistake(
      arguments: ["show", "--charts", "a"], problem: "no --user, --country or --song was given",
      fix: "Use --user ID, --country CC or --song ID.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--charts", "a", "--user", "1", "--country", "FR"],
      problem: "both --user and --country were given",
      fix: "Use one of them; --user ID --campaign shows a user's chart and their country's.",
      help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--charts", "a", "--country", "FR", "--campaign"],
      problem: "--campaign is for a user, but --country was given",
      fix: "Use --user ID --campaign.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--charts", "a", "--user", "9223372036854775808"],
      problem: """
        --user '9223372036854775808' is not a whole number from 0 to 9223372036854775807
        """,
      fix: "For example: --user 42.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--charts", "a", "--country", "France"],
      problem: "--country 'France' is not a country code",
      fix: "Use two capital letters, for example --country FR.", help: "chartmill show --help"),
    Mistake(
      arguments: ["compare", "--charts", "a", "20260705"],
      problem: "compare takes two dates or none, but one was given",
      fix: "To compare the newest charts with that date, use --with 20260705.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: ["compare", "--charts", "a", "20260705", "2026-07-06"],
      problem: "'2026-07-06' is not a date", fix: "Use 20260706.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: ["compare", "--charts", "a", "1", "2", "--country", "de"],
      problem: "'1' is not a date",
      fix: "Use an existing date in the form YYYYMMDD, for example 20260705.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: [
        "compare", "--charts", "a", "20260704", "20260705", "--user", "1", "--country", "DE",
      ],
      problem: "both --user and --country were given",
      fix: "Use one of them.", help: "chartmill compare --help"),
    // Control characters are escaped.
    Mistake(
      arguments: ["\u{1B}[2J"], problem: #"unknown command '\x1b[2J'"#,
      fix: commandList, help: "chartmill --help"),
  ]

  @Test(arguments: mistakes)
  func namesTheMistakeAndTheFix(_ mistake: Mistake) throws {
    let process = try ChartmillProcess.run(mistake.arguments)
    #expect(
      process.errors
        == "chartmill: \(mistake.problem)\n" + (mistake.fix.map { "  \($0)\n" } ?? "")
        + "  See '\(mistake.help)'.\n")
    #expect(process.output == "")
    #expect(process.status == 64)
  }

  /// A word that begins with a dash may be the name of a file.
  @Test func aFileWhoseNameBeginsWithADash() throws {
    let folder = try TemporaryFolder()
    try folder.write("1|2|FR\n", to: "-x.log")
    let process = try ChartmillProcess.run(["check", "-x.log"], in: folder)
    #expect(process.errors.contains("unknown flag '-x.log'\n  To name the file, use ./-x.log.\n"))
    #expect(process.status == 64)
  }

  @Test(arguments: [
    ["help"], ["help", "help"], ["help", "version"], ["help", "run"], ["version"], ["-V"],
  ])
  func wordsThatPeopleTry(_ arguments: [String]) throws {
    let process = try ChartmillProcess.run(arguments)
    #expect(process.status == 0)
    let same =
      arguments == ["help", "run"]
      ? ["run", "--help"]
      : [
        arguments[0] == "help" ? "--help" : "--version"
      ]
    #expect(process.output == (try ChartmillProcess.run(same).output))
  }

  @Test func aMissingCountryFileIsMissingInput() throws {
    let process = try ChartmillProcess.run(Self.whole + ["--countries", "missing.txt"])
    #expect(
      process.errors
        == "chartmill: cannot read missing.txt: No such file or directory\n  Check the name.\n")
    #expect(process.status == 66)
  }

  @Test func aCountryFileWithABadLineIsBadData() throws {
    let folder = try TemporaryFolder()
    try folder.write("FR\nDEU\n", to: "codes.txt")
    let process = try ChartmillProcess.run(
      Self.whole + ["--countries", "codes.txt"], in: folder)
    #expect(process.errors.hasPrefix("chartmill: codes.txt:2: "))
    #expect(process.status == 65)
  }
}

private let commandList = """
  Every day: run, plan, backfill, rollup, state
    Look at logs and charts: show, export, compare, report, verify, check
    Many machines: chart, assemble
    Shell and samples: completions, manual, synth
  """
