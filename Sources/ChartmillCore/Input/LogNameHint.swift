package import ChartmillModel
internal import ChartmillSystem

/// What can be guessed from the name of a file that is not named like a log.
package struct LogNameHint: Sendable {
  /// A compression that Chartmill does not read.
  package struct Compression: Sendable, Equatable {
    package let name: String
    /// The command that writes the text of a file to standard output.
    package let command: String
  }

  /// The day, whichever way it is written; nil if there is none.
  package let day: Day?
  /// The compression that the suffix names; nil if there is none.
  package let compression: Compression?

  private static let compressions: [(suffix: String, compression: Compression)] = [
    (".zst", .init(name: "zstd", command: "zstd -dc")),
    (".bz2", .init(name: "bzip2", command: "bzip2 -dc")),
    (".xz", .init(name: "xz", command: "xz -dc")),
    (".lz4", .init(name: "lz4", command: "lz4 -dc")),
    (".zip", .init(name: "zip", command: "unzip -p")),
  ]

  package init(_ path: String) {
    let name = Path.last(of: path)
    day = LogName.datedDay(in: name.utf8)
    let lowercase = name.lowercased()
    compression = Self.compressions.first { lowercase.hasSuffix($0.suffix) }?.compression
  }
}
