/// Why a line was not counted. A line that is wrong in several ways has the first reason that
/// applies: length, then field count, then its fields from left to right.
package enum RejectReason: Int, Sendable, CaseIterable {
  /// A longer line is bad whatever it holds, so a reader need not buffer more than this.
  package static let maxLineBytes = 4096

  /// Zero bytes before the line end. (A line of spaces is a wrong field count.)
  case blank
  /// Not exactly two separators: one missing, one too many, or two rows glued together.
  case fieldCount
  /// Not a number of 0 … 2^63−1 in decimal digits.
  case songID
  case userID
  /// Not two letters A–Z.
  case countrySyntax
  /// Two letters, but not a code of the job's `CountryList`.
  case unknownCountry
  /// Over 4096 bytes before the line end.
  case lineTooLong

  /// Stable: manifests and messages carry it.
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
