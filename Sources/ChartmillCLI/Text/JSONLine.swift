internal import FoundationEssentials

/// What `--json` prints: one object per line, with sorted keys.
enum JSONLine {
  static func text(_ answer: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(answer), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("numbers and strings encode: \(error)")
    }
  }
}
