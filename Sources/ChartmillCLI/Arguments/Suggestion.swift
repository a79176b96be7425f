/// What a mistyped word was meant to be.
enum Suggestion {
  /// The word in quotes, and a question if one of `words` is near.
  static func text(for word: String, among words: [String]) -> String {
    quoted(word) + (nearest(to: word, among: words).map { "; did you mean '\($0)'?" } ?? "")
  }

  /// The nearest of `words`: the only one that begins with `word`, or the one that is the fewest edits
  /// away. Nil if that takes too many edits for the length of the word.
  static func nearest(to word: String, among words: [String]) -> String? {
    let matches = words.filter { $0.hasPrefix(word) }
    if matches.count == 1 { return matches.first }
    let maxEdits = max(1, word.filter { $0 != "-" }.count / 3)
    let distances = words.map { (word: $0, edits: edits(Array(word), Array($0))) }
    return distances.filter { $0.edits <= maxEdits }.min { $0.edits < $1.edits }?.word
  }

  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
  private static func edits(_ left: [Character], _ right: [Character]) -> Int {
    var rows = [Array(0...right.count)]
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
