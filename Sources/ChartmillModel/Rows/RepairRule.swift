/// What `--repair` may do to a line that has one reading only.
package enum RepairRule: Int, Sendable, CaseIterable {
  /// `1|2|FR3|4|DE`: two rows or more that lost the line ends between them.
  case gluedRows
  /// `1,2,FR`.
  case commas
  /// `1|2|FRFR`.
  case doubledCountry
  /// `1|2|fr`.
  case lowerCaseCountry
  /// `1|2|UK`, where `UK` is no code of the list and `GB` is one.
  case unitedKingdom
  /// A UTF-8 byte order mark before the first row of a log.
  case byteOrderMark

  /// Stable: manifests and messages carry it.
  package var name: String {
    switch self {
    case .gluedRows: "glued rows"
    case .commas: "commas"
    case .doubledCountry: "doubled country"
    case .lowerCaseCountry: "lower-case country"
    case .unitedKingdom: "UK for GB"
    case .byteOrderMark: "byte order mark"
    }
  }
}
