internal import ChartmillModel

/// The title and the artist of a song as `SafeText`, cut to a length that keeps a page readable.
package struct ReportTitle: Sendable {
  private static let maxCharacters = 120

  let title: String
  let artist: String

  package init(_ title: String, by artist: String) {
    self.title = Self.cut(title)
    self.artist = Self.cut(artist)
  }

  private static func cut(_ text: String) -> String {
    let safe = SafeText(title: text).description
    return safe.count > maxCharacters ? safe.prefix(maxCharacters - 1) + "\u{2026}" : safe
  }
}
