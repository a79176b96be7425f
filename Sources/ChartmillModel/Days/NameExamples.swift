/// Counts names, and keeps the first few of them, ordered by their bytes.
///
/// Memory: `maxExamples` names.
package struct NameExamples: Codable, Sendable, Equatable {
  package static let maxExamples = 3

  package private(set) var count = 0
  /// The names as `SafeText`, ascending.
  package private(set) var examples: [String] = []

  package init() {}

  package mutating func add(_ name: some Collection<UInt8>) {
    count += 1
    let text = SafeText(utf8: name).description
    let index =
      examples.firstIndex { text.utf8.lexicographicallyPrecedes($0.utf8) } ?? examples.count
    if index < Self.maxExamples {
      examples.insert(text, at: index)
      if examples.count > Self.maxExamples { examples.removeLast() }
    }
  }
}
