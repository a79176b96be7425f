package import ChartmillModel

/// What `chartmill synth` writes.
package struct SynthConfiguration: Sendable {
  /// The folder of the logs, which is created if it is missing. Existing logs are never
  /// overwritten.
  package var outputFolder: String
  /// The number of logs, one per calendar day. The last one is dated `lastDay`.
  package var days: Int
  package var rowsPerDay: Int
  /// The number of users, at most 2^31. Their ids are 1 … `users`.
  package var users: Int
  /// The number of songs, at most 2^31.
  package var songs: Int
  /// The same seed gives the same rows, whatever the number of threads.
  package var seed: UInt64
  /// The number of odd rows per million. Most of them are bad, and a few are only unusual.
  package var badRowsPerMillion: Int
  /// Whether to write `.log.gz`, at the default level of `gzip`, instead of `.log`.
  package var gzip: Bool
  package var lastDay: Day

  package init(
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

  /// 2026-07-05. The date is fixed, so that the output does not depend on the clock.
  package static let defaultLastDay = Day(daysSinceEpoch: 20_639)
}
