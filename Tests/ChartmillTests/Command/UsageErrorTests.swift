import Testing

/// Each mistake a person can make in the arguments: exit 64, nothing on standard output, and the
/// exact text that names the flag, the value and the fix.
@Suite struct UsageErrorTests {
  struct Mistake: CustomTestStringConvertible {
    let arguments: [String]
    /// Without the program's name in front and the pointer to help behind.
    let problem: String
    let fix: String
    var help = "chartmill run --help"

    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static let whole = ["run", "--logs", "a", "--out", "b"]

  static let mistakes = [
    Mistake(
      arguments: [], problem: "no command",
      fix: "Commands: \(commandList).",
      help: "chartmill --help"),
    Mistake(
      arguments: ["rnu"], problem: "unknown command 'rnu'; did you mean 'run'?",
      fix: "Commands: \(commandList).", help: "chartmill --help"),
    Mistake(
      arguments: ["frobnicate"], problem: "unknown command 'frobnicate'",
      fix: "Commands: \(commandList).", help: "chartmill --help"),
    Mistake(
      arguments: ["--verison"], problem: "unknown flag '--verison'; did you mean '--version'?",
      fix: "A command comes first: \(commandList).",
      help: "chartmill --help"),
    Mistake(
      arguments: ["--quiet", "run"], problem: "--quiet comes before any command",
      fix: "Write it after the command: chartmill run --quiet ...", help: "chartmill --help"),
    Mistake(
      arguments: ["run", "--memroy", "1GiB"],
      problem: "unknown flag '--memroy'; did you mean '--memory'?",
      fix: "A file whose name begins with a dash comes after '--'."),
    // getopt_long alone would take it: a script would break with the next flag of that beginning.
    Mistake(
      arguments: ["run", "--mem=1GiB"],
      problem: "unknown flag '--mem'; did you mean '--memory'?",
      fix: "A file whose name begins with a dash comes after '--'."),
    Mistake(
      arguments: ["completions", "bash", "extra"],
      problem: "'completions' takes one shell, but was also given 'extra'",
      fix: "Write, for example, chartmill completions bash.",
      help: "chartmill completions --help"),
    Mistake(
      arguments: ["completions"],
      problem: "'completions' needs the name of a shell: bash, zsh, fish",
      fix: "Write, for example, chartmill completions bash.",
      help: "chartmill completions --help"),
    Mistake(
      arguments: ["completions", "ksh"], problem: "no completions for 'ksh'",
      fix: "Shells: bash, zsh, fish.", help: "chartmill completions --help"),
    Mistake(
      arguments: ["run", "-x"], problem: "unknown flag '-x'",
      fix: "A file whose name begins with a dash comes after '--'."),
    Mistake(
      arguments: ["run", "--seed", "3"], problem: "'run' does not take --seed",
      fix: "It belongs to 'synth'."),
    Mistake(
      arguments: ["synth", "--out", "a", "--repair"], problem: "'synth' does not take --repair",
      fix: "It belongs to 'run', 'plan', 'backfill', 'rollup', 'assemble'.",
      help: "chartmill synth --help"),
    Mistake(
      arguments: ["run", "--version"], problem: "'run' does not take --version",
      fix: "It stands alone: chartmill --version."),
    Mistake(
      arguments: ["run", "--logs"], problem: "--logs needs a value", fix: "Write --logs DIR."),
    Mistake(
      arguments: ["run", "--logs", "--out", "b"], problem: "--logs needs a value",
      fix: "Write --logs DIR."),
    Mistake(
      arguments: whole + ["--quiet=yes"],
      problem: "--quiet takes no value, but was given '--quiet=yes'", fix: "Write --quiet."),
    Mistake(
      arguments: ["synth", "--out", "a", "b"],
      problem: "'synth' takes no files, but was given 'b'",
      fix: "Leave it out, or put its flag before it.", help: "chartmill synth --help"),
    Mistake(
      arguments: ["run", "--out", "b"], problem: "no logs were given",
      fix: "Write --logs DIR, or name the files."),
    Mistake(
      arguments: whole + ["c.log"], problem: "both --logs and files were given ('c.log' ...)",
      fix: "Give a folder with --logs, or name the files, not both."),
    Mistake(
      arguments: ["run", "--logs", "a"], problem: "--out DIR is missing",
      fix: "Folder for the charts; created if missing."),
    Mistake(
      arguments: ["synth"], problem: "--out DIR is missing",
      fix: "Folder for the logs; created if missing.", help: "chartmill synth --help"),
    Mistake(
      arguments: ["run", "--logs", "a", "--out", ""], problem: "--out is empty",
      fix: "Name a file or folder; '.' is the current folder."),
    Mistake(
      arguments: whole + ["--memory", "16MiB"],
      problem: """
        --memory '16MiB' is below 32MiB: the program, its stacks, gzip states and sort \
        buffers alone need most of that
        """,
      fix: "Write --memory 32MiB or more."),
    Mistake(
      arguments: whole + ["--memory", "1.5GiB"], problem: "--memory '1.5GiB' is not a size",
      fix: "Write a whole number with a unit, for example 256MiB, 1GiB or 500MB, or plain bytes."
    ),
    Mistake(
      arguments: whole + ["--memory", "99999999999GiB"],
      problem: "--memory '99999999999GiB' is not a size",
      fix: "Write a whole number with a unit, for example 256MiB, 1GiB or 500MB, or plain bytes."
    ),
    Mistake(
      arguments: whole + ["--date", "2026-07-05"], problem: "--date '2026-07-05' is not a date",
      fix: "Write --date 20260705."),
    Mistake(
      arguments: whole + ["--date", "20260229"], problem: "--date '20260229' is not a date",
      fix: "Write a date of the calendar as YYYYMMDD, for example --date 20260705."),
    Mistake(
      arguments: whole + ["--days", "0"],
      problem: "--days '0' is not a whole number from 1 to 3660",
      fix: "Write, for example, --days 7."),
    Mistake(
      arguments: whole + ["--days", "-1"],
      problem: "--days '-1' is not a whole number from 1 to 3660",
      fix: "Write, for example, --days 7."),
    Mistake(
      arguments: whole + ["--top", "1001"],
      problem: "--top '1001' is not a whole number from 1 to 1000",
      fix: "Write, for example, --top 50."),
    Mistake(
      arguments: whole + ["--threads", "two"],
      problem: "--threads 'two' is not a whole number from 1 to 1024",
      fix: "Write, for example, --threads 2."),
    Mistake(
      arguments: whole + ["--partitions", "100"],
      problem: "--partitions '100' is not a power of two from 1 to 1024",
      fix: "Write, for example, --partitions 64."),
    Mistake(
      arguments: whole + ["--partitions", "2048"],
      problem: "--partitions '2048' is not a power of two from 1 to 1024",
      fix: "Write, for example, --partitions 1024."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "5"],
      problem: "--max-bad-rows '5' could be percent or a count of rows",
      fix: "Write --max-bad-rows 5% for percent; counts are not taken."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "101%"],
      problem: "--max-bad-rows '101%' is not a share from 0 to 1, nor 0% to 100%",
      fix: "Write, for example, --max-bad-rows 5% or --max-bad-rows 0.05."),
    Mistake(
      arguments: whole + ["--max-bad-rows", "nan"],
      problem: "--max-bad-rows 'nan' is not a share from 0 to 1, nor 0% to 100%",
      fix: "Write, for example, --max-bad-rows 5% or --max-bad-rows 0.05."),
    Mistake(
      arguments: whole + ["--rejects", "bad.txt"],
      problem: "--rejects 'bad.txt' does not end in .gz, and the file is gzip",
      fix: "Write --rejects bad.txt.gz."),
    Mistake(
      arguments: ["check", "a.log", "--days", "3"],
      problem: "--days chooses logs of a folder, but files were named",
      fix: "Leave it out, or give the folder with --logs DIR.", help: "chartmill check --help"),
    Mistake(
      arguments: whole + ["--allow-country", "XK", "--allow-country", "xk"],
      problem: "--allow-country 'xk' is not a country code",
      fix: "Write two capital letters, for example --allow-country XK."),
    Mistake(
      arguments: whole + ["--color", "yes"],
      problem: "--color 'yes' is none of auto, always, never",
      fix: "Write, for example, --color auto."),
    Mistake(
      arguments: ["report"], problem: "--out DIR is missing", fix: "Folder of the charts.",
      help: "chartmill report --help"),
    Mistake(
      arguments: ["report", "--out", "a", "b"],
      problem: "'report' takes no files, but was given 'b'",
      fix: "Leave it out, or put its flag before it.", help: "chartmill report --help"),
    Mistake(
      arguments: ["show", "--out", "a"], problem: "neither --user nor --country was given",
      fix: "Write --user ID or --country CC.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--out", "a", "--user", "1", "--country", "FR"],
      problem: "both --user and --country were given",
      fix: "Give one of them; --campaign shows a user's chart and that of their country.",
      help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--out", "a", "--country", "FR", "--campaign"],
      problem: "--campaign is what one user is sent, but --country was given",
      fix: "Write --campaign --user ID.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--out", "a", "--user", "9223372036854775808"],
      problem: """
        --user '9223372036854775808' is not a whole number from 0 to 9223372036854775807
        """,
      fix: "Write, for example, --user 42.", help: "chartmill show --help"),
    Mistake(
      arguments: ["show", "--out", "a", "--country", "France"],
      problem: "--country 'France' is not a country code",
      fix: "Write two capital letters, for example --country FR.", help: "chartmill show --help"),
    Mistake(
      arguments: ["compare", "--out", "a", "20260705"],
      problem: "two dates are compared, but 1 were given",
      fix: "Write, for example, chartmill compare --out charts 20260704 20260705.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: ["compare", "--out", "a", "20260705", "2026-07-06"],
      problem: "'2026-07-06' is not a date", fix: "Write 20260706.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: ["compare", "--out", "a", "1", "2", "--country", "de"],
      problem: "'1' is not a date",
      fix: "Write a date of the calendar as YYYYMMDD, for example 20260705.",
      help: "chartmill compare --help"),
    Mistake(
      arguments: [
        "compare", "--out", "a", "20260704", "20260705", "--user", "1", "--country", "DE",
      ],
      problem: "both --user and --country were given",
      fix: "Compare a user or countries at once.", help: "chartmill compare --help"),
    // What a terminal would obey is shown, not sent to it.
    Mistake(
      arguments: ["\u{1B}[2J"], problem: #"unknown command '\x1b[2J'"#,
      fix: "Commands: \(commandList).", help: "chartmill --help"),
  ]

  @Test(arguments: mistakes)
  func saysWhatAndWhatInstead(_ mistake: Mistake) throws {
    let process = try ChartmillProcess.run(mistake.arguments)
    #expect(
      process.errors
        == "chartmill: \(mistake.problem)\n  \(mistake.fix)\n  See '\(mistake.help)'.\n")
    #expect(process.output == "")
    #expect(process.status == 64)
  }

  @Test func aCountryFileThatIsMissingIsNoInput() throws {
    let process = try ChartmillProcess.run(Self.whole + ["--countries", "missing.txt"])
    #expect(
      process.errors
        == "chartmill: missing.txt: open: No such file or directory\n  Check the name.\n")
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

private let commandList =
  "run, plan, backfill, rollup, state, show, compare, report, verify, check, chart, assemble, "
  + "completions, manual, synth"
