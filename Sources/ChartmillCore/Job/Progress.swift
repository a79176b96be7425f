/// Where a job is, as a person watching would ask.
public struct Progress: Sendable, Equatable {
  public enum Phase: String, Sendable, CaseIterable {
    case digest, chart, publish
  }

  public var phase: Phase
  /// Bytes of the logs as they are stored: read so far, and of all of them.
  public var inputBytesRead: Int
  public var inputBytes: Int
  /// Rows parsed so far, good and bad.
  public var rows: Int
  /// Partitions charted so far, and of all of them (user and country partitions together).
  public var partitionsCharted: Int
  public var partitions: Int
  /// Since the job began.
  public var seconds: Double
}
