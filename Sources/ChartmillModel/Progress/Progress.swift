/// The progress of a job.
package struct Progress: Sendable, Equatable {
  package enum Phase: String, Sendable, CaseIterable {
    case rollup, chart, publish
  }

  package var phase: Phase
  /// The stored bytes of the logs read so far, and of all logs.
  package var inputBytesRead: Int
  package var inputBytes: Int
  /// The rows parsed so far, bad ones included.
  package var rows: Int
  /// The partitions charted so far, and all of them. Each counts once for users and once for
  /// countries.
  package var partitionsCharted: Int
  package var partitions: Int
  /// The seconds since the job began.
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
