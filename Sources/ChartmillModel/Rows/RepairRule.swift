/// A repair that `--repair` makes if a bad row has exactly one valid reading.
package enum RepairRule: Int, Sendable, CaseIterable {
  /// Two or more rows without line ends between them: `1|2|FR3|4|DE`.
  case gluedRows
  /// Commas as separators: `1,2,FR`.
  case commas
  /// The country twice: `1|2|FRFR`.
  case doubledCountry
  /// The country in lower case: `1|2|fr`.
  case lowerCaseCountry
  /// `UK` as the country, if the list has `GB` but not `UK`.
  case unitedKingdom
  /// A UTF-8 byte order mark before the first row of a log.
  case byteOrderMark

  /// The name that manifests and messages use. It must not change.
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
