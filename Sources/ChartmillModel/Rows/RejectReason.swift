/// Why a row is bad. A row that breaks several rules has the first reason that applies: its length,
/// then its field count, then its fields from left to right.
package enum RejectReason: Int, Sendable, CaseIterable {
  /// The maximum length of a line without its end. A longer line is always bad, so a reader does
  /// not have to buffer it.
  package static let maxLineBytes = 4096

  /// No byte before the line end. A line of spaces has the reason `fieldCount`.
  case blank
  /// Not exactly two separators: one is missing, there is one too many, or rows are glued together.
  case fieldCount
  /// The song id is not a number of 0 … 2^63−1 in decimal digits.
  case songID
  /// The user id is not a number of 0 … 2^63−1 in decimal digits.
  case userID
  /// The country is not two letters A–Z, and is not in the job's `CountryList`.
  case countrySyntax
  /// The country is two letters A–Z, but is not in the job's `CountryList`.
  case unknownCountry
  /// More than `maxLineBytes` bytes before the line end.
  case lineTooLong

  /// The name that manifests and messages use. It must not change.
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
