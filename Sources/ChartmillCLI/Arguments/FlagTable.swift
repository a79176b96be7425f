internal import ChartmillCore

/// What a flag means to one or more commands: a row of the table.
struct FlagUse {
  let commands: Set<Command>
  let group: FlagGroup
  /// What stands for the value in help; nil when the flag takes none.
  let placeholder: String?
  let help: String
  let isRepeatable: Bool

  init(
    _ commands: Set<Command>, _ group: FlagGroup, _ placeholder: String?, _ help: String,
    isRepeatable: Bool = false
  ) {
    self.commands = commands
    self.group = group
    self.placeholder = placeholder
    self.help = help
    self.isRepeatable = isRepeatable
  }
}

/// The headings of help, in order.
enum FlagGroup: String, CaseIterable {
  case input = "Input"
  case output = "Output"
  case badRows = "Bad rows"
  case resources = "Resources"
  case state = "State"
  case logs = "Logs"
  case other = "Other"
}

/// Every flag of every command: the one table that parsing and help are made from. A flag is a
/// case (its name without the dashes) and its uses.
enum Flag: String, CaseIterable {
  case logs
  case out
  case date
  case days
  case format
  case perCountry = "per-country"
  case compress
  case top
  case maxBadRows = "max-bad-rows"
  case rejects
  case repair
  case requireAllDays = "require-all-days"
  case allowMissingLastDay = "allow-missing-last-day"
  case allowCountry = "allow-country"
  case countries
  case memory
  case threads
  case partitions
  case spillDir = "spill-dir"
  case rows
  case users
  case songs
  case seed
  case badRows = "bad-rows"
  case gzip
  case state
  case keepDays = "keep-days"
  case spillLimit = "spill-limit"
  case wait
  case from
  case to
  case check
  case prune
  case user
  case country
  case campaign
  case json
  case html
  case quiet
  case stats
  case metrics
  case color
  case frames
  case name
  case partition
  case records
  case homes
  case counts
  case help
  case version

  /// `plan` takes every flag of `run`, so that one can be tried in place of the other.
  private static let forRunOnly = "For 'run'; changes nothing here."

  /// A command is in at most one use of a flag.
  var uses: [FlagUse] {
    switch self {
    case .logs:
      [
        FlagUse(
          [.run, .plan, .digest, .check], .input, "DIR",
          "Folder of the logs; or name the files instead."),
        FlagUse([.backfill], .input, "DIR", "Folder of the logs."),
      ]
    case .out:
      [
        FlagUse([.run, .backfill], .output, "DIR", "Folder of the charts; made if missing."),
        FlagUse([.plan], .output, "DIR", "Folder of the charts: has its disk the room?"),
        FlagUse([.synth], .output, "DIR", "Folder to write the logs in; made if missing."),
        FlagUse([.show, .compare, .report], .input, "DIR", "Folder of the charts."),
        FlagUse([.assemble], .output, "DIR", "Folder of what is made; made if missing."),
      ]
    case .date:
      [
        FlagUse(
          [.run, .plan, .digest, .check, .assemble], .input, "YYYYMMDD",
          "Last day, or 'yesterday', 'today'. Default: newest."),
        FlagUse(
          [.synth], .logs, "YYYYMMDD",
          "Day of the last log. Default: \(SynthConfiguration.defaultLastDay)."),
        FlagUse([.verify], .input, "YYYYMMDD", "Date to check. Default: all that have a manifest."),
        FlagUse([.show, .report], .input, "YYYYMMDD", "Date of the charts. Default: the newest."),
      ]
    case .days:
      [
        FlagUse(
          [.run, .plan, .backfill, .check, .assemble], .input, "N",
          "Calendar days of the window. Default: 7."),
        FlagUse([.digest], .input, "N", "Calendar days to digest. Default: 1."),
        FlagUse([.synth], .logs, "N", "Logs to write, one a day. Default: 7."),
      ]
    case .requireAllDays:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .assemble], .input, nil,
          "Fail, not warn, when a day has no log.")
      ]
    case .allowMissingLastDay:
      [
        FlagUse(
          [.run, .plan, .backfill, .assemble], .input, nil,
          "Chart a date that has no log of its own.")
      ]
    case .format:
      [
        FlagUse(
          [.run, .plan, .backfill, .chart, .assemble], .output, "NAME",
          "text, csv or jsonl. Default: text.")
      ]
    case .perCountry:
      [
        FlagUse(
          [.run, .plan, .backfill, .assemble], .output, nil,
          "Write each country's chart also to its own file.")
      ]
    case .compress:
      [
        FlagUse(
          [.run, .plan, .backfill, .chart, .assemble], .output, nil, "Write the charts as gzip.")
      ]
    case .top:
      [
        FlagUse(
          [.run, .plan, .backfill, .chart, .assemble], .output, "N",
          "Songs a chart, 1 to 1000. Default: 50.")
      ]
    case .maxBadRows:
      [
        FlagUse(
          [.run, .backfill, .assemble], .badRows, "SHARE",
          "Fail over this share of a day's rows. Default: 5%."),
        FlagUse([.plan], .badRows, "SHARE", Self.forRunOnly),
      ]
    case .rejects:
      [
        FlagUse(
          [.run], .badRows, "FILE", "Write the bad rows of the logs read to FILE, a .gz."),
        FlagUse([.plan], .badRows, "FILE", "Plan the memory for it; nothing is written."),
      ]
    case .repair:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill], .badRows, nil,
          "Mend rows that can be read in one way only."),
        FlagUse([.assemble], .badRows, nil, "The digests were made with --repair."),
      ]
    case .allowCountry:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .check, .chart, .assemble], .badRows, "CC",
          "Take this code as a country too. May be repeated.",
          isRepeatable: true)
      ]
    case .countries:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .check, .chart, .assemble], .badRows, "FILE",
          "Codes, one a line, in place of ISO 3166-1."
        )
      ]
    case .memory:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .chart], .resources, "SIZE",
          "Bound of the process, 32MiB up. Default: 256MiB, less in a small container.")
      ]
    case .threads:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .check], .resources, "N",
          "Worker threads. Default: the cores it may use.")
      ]
    case .partitions:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .chart, .assemble], .resources, "N",
          "Power of two; orders the user files. Default: 64.")
      ]
    case .spillDir:
      [
        FlagUse(
          [.run, .plan, .backfill], .resources, "DIR",
          "Folder of the spill files. Default: that of --out."),
        FlagUse(
          [.digest], .resources, "DIR",
          "Folder of the spill files. Default: that of --state; the current one with --frames."),
        FlagUse(
          [.chart], .resources, "DIR", "Folder of the spill files. Default: the current one."),
      ]
    case .rows:
      [FlagUse([.synth], .logs, "N", "Rows a day. Default: \(SynthDefaults.rows).")]
    case .users:
      [FlagUse([.synth], .logs, "N", "Users, up to 2^31. Default: \(SynthDefaults.users).")]
    case .songs:
      [FlagUse([.synth], .logs, "N", "Songs, up to 2^31. Default: \(SynthDefaults.songs).")]
    case .seed:
      [FlagUse([.synth], .logs, "N", "Same seed, same logs. Default: \(SynthDefaults.seed).")]
    case .badRows:
      [FlagUse([.synth], .logs, "PPM", "Odd and bad rows in a million. Default: 0.")]
    case .gzip:
      [FlagUse([.synth], .logs, nil, "Write .log.gz.")]
    case .state:
      [
        FlagUse([.run], .state, "DIR", "Keep digests of days here, and use those kept."),
        FlagUse([.plan], .state, "DIR", "Days with a kept digest here are not read."),
        FlagUse([.digest, .backfill, .state], .state, "DIR", "Folder of the kept digests."),
      ]
    case .keepDays:
      [
        FlagUse(
          [.run, .backfill], .state, "N", "Then drop digests of older days. Default: none."),
        FlagUse([.plan], .state, "N", Self.forRunOnly),
        FlagUse([.state], .state, "N", "Days that --prune leaves. Default: 8."),
      ]
    case .check:
      [FlagUse([.state], .state, nil, "Read and verify every run of every digest.")]
    case .prune:
      [FlagUse([.state], .state, nil, "Drop the digests of older days.")]
    case .from:
      [FlagUse([.backfill], .input, "YYYYMMDD", "First date to chart.")]
    case .to:
      [FlagUse([.backfill], .input, "YYYYMMDD", "Last date to chart.")]
    case .user:
      [FlagUse([.show, .compare], .input, "ID", "The chart of this user.")]
    case .country:
      [
        FlagUse([.show], .input, "CC", "The chart of this country."),
        FlagUse(
          [.compare], .input, "CC", "The chart of this country. May be repeated. Default: all.",
          isRepeatable: true),
      ]
    case .campaign:
      [FlagUse([.show], .output, nil, "The user's chart, their country, and its chart.")]
    case .json:
      [
        FlagUse([.check, .show], .output, nil, "Print one JSON object."),
        FlagUse([.compare], .output, nil, "Print one JSON object a chart, a line each."),
      ]
    case .html:
      [
        FlagUse(
          [.report], .output, "FILE", "Write the page here. Default: report_YYYYMMDD.html in --out."
        )
      ]
    case .spillLimit:
      [
        FlagUse(
          [.run, .plan, .digest, .backfill, .chart], .resources, "SIZE",
          "Bound of spill files, in place of a disk check.")
      ]
    case .wait:
      [
        FlagUse(
          [.run, .digest, .backfill, .state], .other, nil,
          "Wait for a folder that another run has, not fail."),
        FlagUse([.plan], .other, nil, Self.forRunOnly),
      ]
    case .quiet:
      [
        FlagUse(
          [.run, .digest, .backfill, .synth], .other, nil,
          "No progress, no summary: warnings and errors only."),
        FlagUse([.plan], .other, nil, Self.forRunOnly),
        FlagUse([.verify, .report], .other, nil, "Errors only."),
      ]
    case .stats:
      [
        FlagUse([.run], .other, nil, "Print the seconds of each step at the end."),
        FlagUse([.plan], .other, nil, Self.forRunOnly),
      ]
    case .metrics:
      [
        FlagUse([.run], .other, "FILE", "Write metrics of the run for Prometheus."),
        FlagUse([.plan], .other, "FILE", Self.forRunOnly),
      ]
    case .color:
      [
        FlagUse(
          Set(Command.allCases).subtracting([.completions, .manual]), .other, "WHEN",
          "auto, always or never. Default: auto.")
      ]
    case .frames:
      [FlagUse([.digest], .output, nil, "Write the digest of one log to standard output.")]
    case .name:
      [FlagUse([.digest], .input, "NAME", "What the log on standard input is called.")]
    case .partition:
      [FlagUse([.chart], .input, "K", "The partition, from 0.")]
    case .records:
      [FlagUse([.chart], .input, "KIND", "users or countries. Default: users.")]
    case .homes:
      [FlagUse([.chart], .output, "FILE", "Write the countries of users; a pipe will do.")]
    case .counts:
      [FlagUse([.chart], .output, "FILE", "Write what 'assemble' reads; a pipe will do.")]
    case .help:
      [FlagUse(Set(Command.allCases), .other, nil, "Show this help.")]
    case .version:
      []
    }
  }

  /// The words a value is one of; empty for other values.
  var choices: [String] {
    switch self {
    case .format: ChartFormat.allCases.map(\.rawValue)
    case .color: ColorChoice.allCases.map(\.rawValue)
    case .records: PartitionJob.Records.allCases.map(\.rawValue)
    default: []
    }
  }

  /// As it is typed.
  var spelling: String { "--" + rawValue }

  /// Its spelling and what stands for its value.
  func synopsis(_ use: FlagUse) -> String {
    use.placeholder.map { "\(spelling) \($0)" } ?? spelling
  }

  func use(in command: Command) -> FlagUse? {
    uses.first { $0.commands.contains(command) }
  }

  /// The flags a command takes, or, for nil, those that stand in a command's place.
  static func flags(of command: Command?) -> [Flag] {
    guard let command else { return [.help, .version] }
    return allCases.filter { $0.use(in: command) != nil }
  }

  /// The flags a command takes, with what they mean to it.
  static func uses(in command: Command) -> [(flag: Flag, use: FlagUse)] {
    allCases.compactMap { flag in flag.use(in: command).map { (flag: flag, use: $0) } }
  }

  func takesValue(in command: Command?) -> Bool {
    command.flatMap { use(in: $0)?.placeholder } != nil
  }
}
