/// What `chartmill synth` is asked to write: its flags, resolved.
public struct SynthConfiguration: Sendable {
  /// Made when it is missing; logs that are there already are never written over.
  public var outputFolder: String
  /// Logs to write, one a calendar day, the last one dated `lastDay`.
  public var days: Int
  public var rowsPerDay: Int
  /// Users have the ids 1 … `users`; at most 2^31.
  public var users: Int
  /// Songs in the catalogue; at most 2^31.
  public var songs: Int
  /// Same seed, same bytes, whatever the number of threads.
  public var seed: UInt64
  /// How many rows of a million are odd: most of them bad, a few merely unusual.
  public var badRowsPerMillion: Int
  /// Writes `.log.gz`, as `gzip` does at its usual level, instead of `.log`.
  public var gzip: Bool
  public var lastDay: Day

  public init(
    outputFolder: String, days: Int = 7, rowsPerDay: Int, users: Int, songs: Int = 80_000_000,
    seed: UInt64 = 1, badRowsPerMillion: Int = 0, gzip: Bool = false,
    lastDay: Day = SynthConfiguration.defaultLastDay
  ) {
    self.outputFolder = outputFolder
    self.days = days
    self.rowsPerDay = rowsPerDay
    self.users = users
    self.songs = songs
    self.seed = seed
    self.badRowsPerMillion = badRowsPerMillion
    self.gzip = gzip
    self.lastDay = lastDay
  }

  /// 2026-07-05, a fixed date: no clock is read.
  public static let defaultLastDay = Day(daysSinceEpoch: 20_639)
}

/// `synth` never writes over a log.
public struct LogExistsError: Error, Sendable, Equatable {
  public let path: String
}
