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
}
