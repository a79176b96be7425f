internal import ChartmillModel
internal import ChartmillText

extension Warnings {
  /// Warns about variables that look like settings but are none.
  init(unknownVariables names: [String]) {
    self.init()
    for name in names {
      // Without the prefix, which all of them share.
      let words = ([name] + Settings.flags.map(\.variable)).map {
        String($0.dropFirst(Settings.prefix.count))
      }
      let near = Suggestion.nearest(to: words[0], among: Array(words.dropFirst()))
      add(
        Warnings(
          "\(SafeText(name)) is not a setting, and has no effect"
            + (near.map { "; did you mean \(Settings.prefix)\($0)?" } ?? "")))
    }
  }

  /// The warning that old rollups were not dropped. The charts are published nevertheless.
  init(notPruned error: any Error) {
    self.init("rollups of older days were not deleted: \(Explanation(error).problem)")
  }

  /// The lines for standard error.
  func text(_ palette: Palette) -> String {
    lines.map { "chartmill: \(palette.painted("warning:", .warning)) \($0)\n" }.joined()
  }
}
