internal import ChartmillCore
internal import ChartmillModel

/// The text about a log whose format is not rows of text, with the command that converts it.
struct FormatText {
  let explanation: Explanation

  init(_ finding: LogFormat.Finding, path: String) {
    let problem =
      "\(SafeText(path)): this is \(finding.format.name)"
      + (finding.isInsideGzip ? " inside gzip" : "")
      + "; expected plain or gzip text with rows sng_id|user_id|country"
    let advice: String
    if finding.isStandardInput {
      advice =
        finding.format.filter.map { filter in
          let filters = finding.isInsideGzip ? ["gzip -dc", filter] : [filter]
          return "Convert it in the pipe: ... | \(filters.joined(separator: " | ")) | chartmill ..."
        } ?? Self.noCommand
    } else {
      advice =
        Self.conversion(of: finding, path: path).map { command in
          "Convert it: \(command) > \(quoted(path + ".new")) && "
            + "mv \(quoted(path + ".new")) \(quoted(path))"
        } ?? Self.noCommand
    }
    explanation = Explanation(problem, advice)
  }

  private static let noCommand = "Export its rows as text, one sng_id|user_id|country per line."

  /// A command that writes the log as gzip. Gzip is recognized by its content, so the result may
  /// keep the name of the log.
  private static func conversion(of finding: LogFormat.Finding, path: String) -> String? {
    let log = quoted(path)
    if let filter = finding.format.filter {
      if finding.format == .gzip { return "gzip -dc < \(log)" }
      return (finding.isInsideGzip ? "gzip -dc < \(log) | \(filter)" : "\(filter) < \(log)")
        + " | gzip"
    }
    guard let unpacker = finding.format.fileUnpacker else { return nil }
    let packed = quoted(path + ".unzipped")
    return finding.isInsideGzip
      ? "gzip -dc < \(log) > \(packed) && \(unpacker) \(packed) | gzip"
      : "\(unpacker) \(log) | gzip"
  }
}

extension LogFormat {
  fileprivate var name: String {
    switch self {
    case .xz: "xz data"
    case .zstandard: "zstd data"
    case .bzip2: "bzip2 data"
    case .lz4: "lz4 data"
    case .lzip: "lzip data"
    case .compress: "compress data (.Z)"
    case .gzip: "gzip data"
    case .zip: "a zip archive"
    case .sevenZip: "a 7z archive"
    case .tar: "a tar archive"
    case .parquet: "a Parquet file"
    case .utf16LittleEndian: "UTF-16 text (little-endian)"
    case .utf16BigEndian: "UTF-16 text (big-endian)"
    case .nulBytes: "binary data (NUL bytes before the first row)"
    case .carriageReturns: "text with a carriage return instead of a line feed after each line"
    }
  }

  /// A command that reads the format from standard input and writes text; nil if there is none.
  fileprivate var filter: String? {
    switch self {
    case .xz: "xz -dc"
    case .zstandard: "zstd -dc"
    case .bzip2: "bzip2 -dc"
    case .lz4: "lz4 -dc"
    case .lzip: "lzip -dc"
    case .compress, .gzip: "gzip -dc"
    case .tar: "tar -xOf -"
    case .utf16LittleEndian: "iconv -f UTF-16LE -t UTF-8"
    case .utf16BigEndian: "iconv -f UTF-16BE -t UTF-8"
    case .nulBytes: #"tr -d '\000'"#
    case .carriageReturns: #"tr '\r' '\n'"#
    case .zip, .sevenZip, .parquet: nil
    }
  }

  /// A command that reads the format from a file that it names.
  fileprivate var fileUnpacker: String? {
    switch self {
    case .zip: "unzip -p"
    case .sevenZip: "7z x -so"
    default: nil
    }
  }
}
