/// What decides which rows are accepted.
package struct RowRules: Sendable {
  package var countries: CountryList
  /// Repairs rows that can be read in one way only.
  package var repairs: Bool

  package init(countries: CountryList = .iso3166, repairs: Bool = false) {
    self.countries = countries
    self.repairs = repairs
  }

  /// A text that is equal for equal rules. The number is that of the set of repairs; another one
  /// means rolling up again.
  package var identity: String { countries.identity + (repairs ? ", repair 2" : "") }
}
