/// The paths that a manifest gives the two files of users, relative to its own folder; nil for the
/// names that `run` gives them.
package struct UserFileNames: Sendable, Equatable {
  package var charts: String?
  package var userCountries: String?

  /// - Precondition: each path is one for `Manifest.Output.files`.
  package init(charts: String? = nil, userCountries: String? = nil) {
    self.charts = charts
    self.userCountries = userCountries
  }

  /// The user charts, then the users' countries.
  var both: [String?] { [charts, userCountries] }
}
