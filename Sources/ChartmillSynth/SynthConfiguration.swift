package import ChartmillModel

/// What `chartmill synth` is asked to write: its flags, resolved.
package struct SynthConfiguration: Sendable {
  /// Made when it is missing; logs that are there already are never written over.
  package var outputFolder: String
  /// Logs to write, one a calendar day, the last one dated `lastDay`.
  package var days: Int
  package var rowsPerDay: Int
  /// Users have the ids 1 … `users`, unless ids are wide; at most 2^31.
  package var users: Int
  /// Songs in the catalogue; at most 2^31.
  package var songs: Int
  /// Spreads the ids of users up to 6.5 × 10^9 and those of songs up to 3.6 × 10^9.
  package var hasWideIDs: Bool
  /// Same seed, same bytes, whatever the number of threads.
  package var seed: UInt64
  /// How many rows of a million are odd: most of them bad, a few merely unusual.
  package var badRowsPerMillion: Int
  /// Writes `.log.gz`, as `gzip` does at its usual level, instead of `.log`.
  package var gzip: Bool
  package var lastDay: Day

  package init(
    outputFolder: String, days: Int = 7, rowsPerDay: Int, users: Int, songs: Int = 80_000_000,
    hasWideIDs: Bool = false, seed: UInt64 = 1, badRowsPerMillion: Int = 0, gzip: Bool = false,
    lastDay: Day = SynthConfiguration.defaultLastDay
  ) {
    self.outputFolder = outputFolder
    self.days = days
    self.rowsPerDay = rowsPerDay
    self.users = users
    self.songs = songs
    self.hasWideIDs = hasWideIDs
    self.seed = seed
    self.badRowsPerMillion = badRowsPerMillion
    self.gzip = gzip
    self.lastDay = lastDay
  }

  /// 2026-07-05, a fixed date: no clock is read.
  package static let defaultLastDay = Day(daysSinceEpoch: 20_639)
}

/// `synth` never writes over a log.
package struct LogExistsError: Error, Sendable, Equatable {
  package let path: String
}
