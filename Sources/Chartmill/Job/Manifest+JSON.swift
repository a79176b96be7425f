internal import FoundationEssentials

/// Why bytes are not a manifest.
public enum ManifestError: Error, Sendable, Equatable {
  /// `key` is the dotted path of what is missing or wrong; empty when the JSON itself is.
  case malformed(key: String)
  /// Written by another version.
  case unknownFormat(Int)
}

extension Manifest {
  /// JSON with sorted keys, indented, ended by a newline: equal manifests are equal bytes.
  public func encoded() -> [UInt8] { prettyJSON(self) }

  public init(json: [UInt8]) throws(ManifestError) {
    struct Header: Decodable {
      let format: Int
    }
    let decoder = JSONDecoder()
    let data = Data(json)
    do {
      let format = try decoder.decode(Header.self, from: data).format
      guard format == Manifest.format else { throw ManifestError.unknownFormat(format) }
      self = try decoder.decode(Manifest.self, from: data)
    } catch let error as ManifestError {
      throw error
    } catch let error as DecodingError {
      throw .malformed(key: error.dottedPath)
    } catch {
      throw .malformed(key: "")
    }
  }
}

/// JSON with sorted keys, indented, ended by a newline: equal values are equal bytes.
func prettyJSON(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // The only values JSON refuses; `Seconds` lets none in, but its members can be set.
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  do {
    return try [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")]
  } catch {
    preconditionFailure("numbers and strings encode: \(error)")
  }
}

extension DecodingError {
  fileprivate var dottedPath: String {
    let path: [any CodingKey]
    switch self {
    case .keyNotFound(let key, let context): path = context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      path = context.codingPath
    @unknown default: path = []
    }
    return path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}
