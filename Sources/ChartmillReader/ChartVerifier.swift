package import ChartmillModel

/// Verifies published charts: sizes and CRCs, the syntax and order of lines, the order of songs,
/// that no key and no song occurs twice, and that both user files have the same users.
///
/// Time: about 4 s per GB of charts. Memory: buffers of a fixed size, and the manifest.
package struct ChartVerifier: Sendable {
  /// What was verified.
  package struct Report: Sendable, Equatable {
    package let date: Day
    package let files: [String]
    package let users: Int
    package let countries: Int
  }

  private let folder: PublishedFolder

  package init(folder path: String) {
    folder = PublishedFolder(path: path)
  }

  /// The dates that have a manifest, ascending.
  package func dates() throws -> [Day] {
    try folder.dates()
  }

  /// Verifies the charts of a date.
  ///
  /// - Throws: `ChartsError.differs` for the first difference; `ChartsError.replaced` if a run
  ///   replaced the charts in the meantime; the errors of `PublishedFolder`.
  package func verify(_ date: Day) throws -> Report {
    let (manifest, _, manifestFile) = try folder.manifest(of: date)
    try manifestFile.reading { try verify(manifest, manifestFile) }
    return Report(
      date: date, files: manifest.outputs.flatMap(\.paths),
      users: manifest.totals.users, countries: manifest.totals.countries)
  }

  /// Verifies the files that a manifest names.
  private func verify(_ manifest: Manifest, _ manifestFile: ManifestFile) throws {
    let countries = try folder.file(\.countryCharts, of: manifest)
    let users = try folder.file(\.userCharts, of: manifest)
    let userCountries = try folder.file(\.userCountries, of: manifest)
    try FileVerifier.checkCountries(
      countries, manifest, manifestFile, count: manifest.totals.countries)
    try FileVerifier.checkUsers(users, userCountries, manifest)
    let names = OutputNames(day: manifest.date, top: manifest.top, manifest.encoding)
    for output in manifest.outputs where names.country(ofName: output.name) != nil {
      let file = try folder.file(named: output.name, of: manifest)
      try FileVerifier.checkCountries(file, manifest, manifestFile, count: 1)
    }
  }
}
