internal import FoundationEssentials

extension Manifest {
  /// The manifest as indented JSON with sorted keys, ended by a newline, so that equal manifests
  /// have equal bytes. Each input is on its own line, so that a reader can take one at a time.
  package func encoded() -> [UInt8] {
    let (head, tail) = encodedAroundInputs()
    return inputs.enumerated().reduce(head) { $0 + Self.line($1.element, isFirst: $1.offset == 0) }
      + tail
  }

  /// The JSON before and after the inputs, so that a caller can write inputs between them.
  package func encodedAroundInputs() -> (head: [UInt8], tail: [UInt8]) {
    var others = self
    others.inputs = []
    let json = prettyJSON(others)
    // This text cannot occur inside a string, because JSON escapes quotes and line ends there.
    guard let start = json.firstRange(of: Array(Self.inputsStart.utf8)),
      let end = json[start.upperBound...].firstIndex(of: UInt8(ascii: "]"))
    else { preconditionFailure("a manifest has inputs") }
    return (Array(json[..<start.upperBound]), Array("\n  ".utf8) + json[end...])
  }

  /// The line of an input, beginning with the end of the previous line.
  package static func line(_ input: Input, isFirst: Bool) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(input) else {
      preconditionFailure("an input of numbers and strings encodes")
    }
    return Array((isFirst ? "\n    " : ",\n    ").utf8) + json
  }

  /// The line before the inputs.
  package static let inputsStart = "\n  \"inputs\" : ["

  /// Decodes a manifest.
  package init(json: [UInt8]) throws(ManifestError) {
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

/// `value` as indented JSON with sorted keys, ended by a newline, so that equal values have equal
/// bytes.
package func prettyJSON(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // JSON has no infinite numbers and no NaN. `Seconds.init` replaces them, but its properties can
  // be set.
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
