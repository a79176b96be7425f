internal import ChartmillCore

/// What `synth` takes when a flag is not given.
enum SynthDefaults {
  static let rows = 1_000_000
  static let users = 200_000
  static let songs = 80_000_000
  static let seed = 1
}

/// `chartmill synth`.
struct SynthCommand {
  private let configuration: SynthConfiguration
  private let isQuiet: Bool

  init(_ flags: RawFlags) throws {
    // Ids are drawn as 32-bit numbers.
    let most = 1 << 31
    isQuiet = flags.has(.quiet)
    configuration = SynthConfiguration(
      outputFolder: try flags.requiredPath(.out),
      days: try flags.integer(.days, in: JobConfiguration.daysRange) ?? 7,
      rowsPerDay: try flags.integer(.rows, in: 0...1_000_000_000_000) ?? SynthDefaults.rows,
      users: try flags.integer(.users, in: 1...most) ?? SynthDefaults.users,
      songs: try flags.integer(.songs, in: 1...most) ?? SynthDefaults.songs,
      seed: UInt64(try flags.integer(.seed, in: 0...Int.max) ?? SynthDefaults.seed),
      badRowsPerMillion: try flags.integer(.badRows, in: 0...1_000_000) ?? 0,
      gzip: flags.has(.gzip),
      lastDay: try flags.day(.date) ?? SynthConfiguration.defaultLastDay)
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    try LogSynthesizer(configuration).run()
    if isQuiet { return }
    let first = configuration.lastDay.advanced(by: 1 - configuration.days)
    try StandardOutput.write(
      "wrote \(counted(configuration.days, "log")) of "
        + "\(counted(configuration.rowsPerDay, "row")), "
        + "\(first) to \(configuration.lastDay), in \(SafeText(configuration.outputFolder))\n")
  }
}
