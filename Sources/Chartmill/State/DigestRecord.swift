/// What a kept digest says of itself: JSON, in the digest file's last member but one.
struct DigestRecord: Codable, Sendable, Equatable {
  /// Of this layout and of the spill format: another means digesting again.
  static let format = 100 * Int(SpillFormat.version) + 2

  /// One log as it was when it was digested.
  struct Source: Codable, Sendable, Equatable {
    let name: String
    let byteCount: Int
    let modifiedNanoseconds: Int64
  }

  var format = DigestRecord.format
  let day: Day
  let partitions: Int
  /// That decided which rows count: `JobConfiguration.rules`.
  let rules: String
  let sources: [Source]
  /// What the manifest says of the day: rows and CRCs of each log, and samples of bad rows.
  let inputs: [Manifest.Input]
  let samples: [Manifest.Sample]
  /// Countries with streams, by their codes. Nil only in a record of format 101, which has to be
  /// read so far that its format can be told.
  let streamsByCountry: [String: Int]?

  var rejected: Int { inputs.reduce(0) { $0 + $1.rejected } }
  var accepted: Int { inputs.reduce(0) { $0 + $1.accepted } }

  /// Of a log that never was a file, so none is missed: its time is zero.
  var isOfStandardInput: Bool { sources.allSatisfy { $0.modifiedNanoseconds == 0 } }

  static func sources(of logs: [LogFile]) -> [Source] {
    logs.map {
      Source(
        name: $0.name, byteCount: $0.byteCount, modifiedNanoseconds: $0.modifiedNanoseconds)
    }
  }
}

/// Something a person should know about the kept digests a run used, or did not.
public struct DigestNotice: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case logChanged = "the log changed since it was digested; digested again"
    case logGone = "the log is gone; its kept digest served"
    case damaged = "the kept digest is damaged; digested again"
    case otherPartitions = "digested with other partitions; digested again"
    case otherRules = "digested with other countries or repairs; digested again"
    case otherFormat = "digested by another version; digested again"
  }

  public let day: Day
  public let kind: Kind
}
