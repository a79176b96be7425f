/// What a mistyped word was meant to be.
enum Suggestion {
  /// The word in quotes, and a question if one of `words` is near.
  static func text(for word: String, among words: [String]) -> String {
    quoted(word) + (nearest(to: word, among: words).map { "; did you mean '\($0)'?" } ?? "")
  }

  /// Names that other programs, or other commands, use for the same flags.
  private static let otherNames = [
    "output": "out", "output-dir": "out", "out-dir": "out", "outdir": "out", "dest": "out",
    "input": "logs", "input-dir": "logs", "log-dir": "logs", "logs-dir": "logs", "dir": "logs",
    "state-dir": "state", "memory-limit": "memory", "max-memory": "memory", "ram": "memory",
    "jobs": "threads", "cores": "threads", "cpus": "threads", "workers": "threads",
    "parallel": "threads", "tmp": "spill-dir", "tmp-dir": "spill-dir", "temp-dir": "spill-dir",
    "tmpdir": "spill-dir", "gzip": "compress", "gz": "compress", "limit": "top", "top-n": "top",
    "silent": "quiet", "colour": "color", "user-id": "user", "since": "from", "start": "from",
    "begin": "from", "until": "to", "end": "to", "window": "days", "day": "date", "fix": "repair",
    "retention": "keep-days", "statistics": "stats", "verbose": "stats", "prometheus": "metrics",
    "page": "html", "titles": "songs", "names": "songs", "list": "users", "ids": "users",
    "not-found": "missing", "peak": "history", "out": "charts",
  ]

  /// Whether a word with dashes is another name of one of these flags.
  static func isOtherName(_ word: String, ofOneOf flags: [Flag]) -> Bool {
    flags.contains { $0.name == otherNames[String(word.dropFirst(2))] }
  }

  /// The spelling of the flag that a word with dashes was meant to be: a flag with a similar name,
  /// or the one that has this name in other programs.
  static func nearest(toFlag word: String, among flags: [Flag]) -> String? {
    let spellings = flags.map(\.spelling)
    let others = otherNames.filter { entry in flags.contains { $0.name == entry.value } }
      .keys.map { "--" + $0 }.sorted()
    guard let near = nearest(to: word, among: spellings) ?? nearest(to: word, among: others) else {
      return nil
    }
    return spellings.contains(near) ? near : otherNames[String(near.dropFirst(2))].map { "--" + $0 }
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

  /// Insertions, deletions, replacements and swaps of neighbors (optimal string alignment).
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
