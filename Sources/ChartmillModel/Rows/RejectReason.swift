/// Why a row is bad. A row that breaks several rules has the first reason that applies: its length,
/// then its field count, then its fields from left to right.
package enum RejectReason: Int, Sendable, CaseIterable {
  /// The maximum length of a line without its end. A longer line is bad whatever it holds, so a
  /// reader need not buffer it.
  package static let maxLineBytes = 4096

  /// No byte before the line end. A line of spaces is a `fieldCount`.
  case blank
  /// Not exactly two separators: one is missing, or there is another, or rows are glued together.
  case fieldCount
  /// The song id is not a number of 0 … 2^63−1 in decimal digits.
  case songID
  /// The user id is not such a number.
  case userID
  /// The country is neither in the job's `CountryList` nor two letters A–Z.
  case countrySyntax
  /// The country is two letters A–Z that are not in the job's `CountryList`.
  case unknownCountry
  /// More than `maxLineBytes` bytes before the line end.
  case lineTooLong

  /// The name in manifests and messages. It must not change.
  package var name: String {
    switch self {
    case .blank: "blank"
    case .fieldCount: "field count"
    case .songID: "song id"
    case .userID: "user id"
    case .countrySyntax: "country syntax"
    case .unknownCountry: "unknown country"
    case .lineTooLong: "line too long"
    }
  }
}
