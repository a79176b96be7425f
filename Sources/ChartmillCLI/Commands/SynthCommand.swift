internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSynth
internal import ChartmillSystem
internal import ChartmillText

/// The values of flags that are not given.
private enum Default {
  static let rows = 1_000_000
  static let users = 200_000
  static let songs = 80_000_000
  static let seed = 1
}

extension Flag {
  fileprivate static let rows = Flag(
    "rows", .number(example: 1_000_000), in: .logs, "Rows per day. Default: \(Default.rows).")
  fileprivate static let users = Flag(
    "users", .number(), in: .logs, "Number of users, up to 2^31. Default: \(Default.users).")
  fileprivate static let songs = Flag(
    "songs", .number(), in: .logs, "Number of songs, up to 2^31. Default: \(Default.songs).")
  fileprivate static let wideIDs = Flag(
    "wide-ids", in: .logs, "Use 33-bit user ids and 32-bit song ids, like those of large services.")
  fileprivate static let seed = Flag(
    "seed", .number(), in: .logs, "The same seed gives the same logs. Default: \(Default.seed).")
  fileprivate static let badRows = Flag(
    "bad-rows", .number("PPM"), in: .logs, "Bad and unusual rows per million rows. Default: 0.")
  fileprivate static let gzip = Flag("gzip", in: .logs, "Compress the logs with gzip.")
}

/// `chartmill synth`: made-up logs in a folder.
struct SynthCommand: ChartmillCommand {
  static let name = "synth"
  static let group = CommandGroup.shellAndSamples
  static let summary = "generate realistic sample logs"
  static let usage = ["synth --out DIR [FLAGS]"]
  static let description = """
    Writes one log per day. The same flags give the same bytes. Never replaces an existing log.
    """
  static let memory = "at most 32 MiB."
  static let examples = ["synth --out logs --rows 1000000 --users 200000 --gzip"]
  static let flags: [Flag] = [
    .out.explained("Folder for the logs, created if missing."),
    .date.explained(
      in: .logs, "Day of the last log. Default: \(SynthConfiguration.defaultLastDay)."),
    .days.explained(in: .logs, "Number of logs, one per day. Default: 7."),
    .rows, .users, .songs, .wideIDs, .seed, .badRows, .gzip, .quiet, .color,
  ]
  static let leftByFailure: String? = "incomplete logs were removed"

  private let configuration: SynthConfiguration
  private let isQuiet: Bool

  init(_ arguments: ParsedArguments) throws {
    // Ids are drawn as 32-bit numbers.
    let maxIDs = 1 << 31
    isQuiet = arguments.has(.quiet)
    configuration = SynthConfiguration(
      outputFolder: try arguments.requiredPath(.out),
      days: try arguments.integer(.days, in: WindowRules.daysRange) ?? 7,
      rowsPerDay: try arguments.integer(.rows, in: 0...1_000_000_000_000) ?? Default.rows,
      users: try arguments.integer(.users, in: 1...maxIDs) ?? Default.users,
      songs: try arguments.integer(.songs, in: 1...maxIDs) ?? Default.songs,
      hasWideIDs: arguments.has(.wideIDs),
      seed: UInt64(try arguments.integer(.seed, in: 0...Int.max) ?? Default.seed),
      badRowsPerMillion: try arguments.integer(.badRows, in: 0...1_000_000) ?? 0,
      gzip: arguments.has(.gzip),
      // The same flags give the same bytes on every day.
      lastDay: try arguments.day(.date, takesWords: false) ?? SynthConfiguration.defaultLastDay)
  }

  func perform() throws {
    StopRequest.listen()
    try LogSynthesizer(configuration).run()
    if isQuiet { return }
    let first = configuration.lastDay.advanced(by: 1 - configuration.days)
    try StandardOutput.write(
      "wrote \(counted(configuration.days, "log")) of "
        + "\(counted(configuration.rowsPerDay, "row")), "
        + "\(first) to \(configuration.lastDay), in \(SafeText(configuration.outputFolder))\n")
  }
}
