internal import FoundationEssentials

/// What `--json` prints: one object per line, with sorted keys.
enum JSONLine {
  /// The size of the pieces in which a long line is written.
  private static let pieceBytes = 64 << 10

  static func text(_ answer: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(answer), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("numbers and strings encode: \(error)")
    }
  }

  /// Prints an object and puts `elements` into its member `key`. Memory: a piece of text, however
  /// many elements there are.
  ///
  /// - Precondition: the member `key` of `answer` is an empty array.
  static func write(
    _ answer: some Encodable, filling key: String, with elements: some Sequence<some Encodable>
  ) throws {
    // This text cannot occur inside a string, because JSON escapes quotes there.
    let empty = "\"\(key)\":[]"
    let line = text(answer)
    guard let range = line.firstRange(of: empty) else { preconditionFailure("no \(key)") }
    var piece = String(line[..<range.upperBound].dropLast())
    var isFirst = true
    for element in elements {
      piece += (isFirst ? "" : ",") + text(element).dropLast()
      isFirst = false
      if piece.utf8.count >= pieceBytes {
        try StandardOutput.write(piece)
        piece = ""
      }
    }
    try StandardOutput.write(piece + "]" + line[range.upperBound...])
  }
}
