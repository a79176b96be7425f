/// Where a job is, as a person watching would ask.
package struct Progress: Sendable, Equatable {
  package enum Phase: String, Sendable, CaseIterable {
    case rollup, chart, publish
  }

  package var phase: Phase
  /// Bytes of the logs as they are stored: read so far, and of all of them.
  package var inputBytesRead: Int
  package var inputBytes: Int
  /// Rows parsed so far, good and bad.
  package var rows: Int
  /// Partitions charted so far, and of all of them (user and country partitions together).
  package var partitionsCharted: Int
  package var partitions: Int
  /// Since the job began.
  package var seconds: Double

  package init(
    phase: Phase, inputBytesRead: Int, inputBytes: Int, rows: Int, partitionsCharted: Int,
    partitions: Int, seconds: Double
  ) {
    self.phase = phase
    self.inputBytesRead = inputBytesRead
    self.inputBytes = inputBytes
    self.rows = rows
    self.partitionsCharted = partitionsCharted
    self.partitions = partitions
    self.seconds = seconds
  }
}
