/// The rules that decide which rows are accepted.
package struct RowRules: Sendable {
  package var countries: CountryList
  /// Whether bad rows that have exactly one valid reading are repaired.
  package var repairs: Bool

  package init(countries: CountryList = .iso3166, repairs: Bool = false) {
    self.countries = countries
    self.repairs = repairs
  }

  /// A text that identifies the rules. Its last number is the version of the set of repairs. A new
  /// version makes kept rollups unusable.
  package var identity: String { countries.identity + (repairs ? ", repair 2" : "") }

  /// An identity for people: `249 countries, repaired`. The checksum and the version are left out.
  package static func words(ofIdentity identity: String) -> String {
    let parts = identity.split(separator: ",")
    let countries = parts.first?.split(separator: " ").prefix(2).joined(separator: " ") ?? ""
    return countries + (parts.count > 1 ? ", repaired" : "")
  }
}
