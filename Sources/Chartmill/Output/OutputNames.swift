/// What the files of one date are called.
struct OutputNames: Sendable {
  let countryCharts: String
  let userCharts: String
  let userCountries: String
  let manifest: String

  init(day: Day, top: Int) {
    countryCharts = "country_top\(top)_\(day).txt"
    userCharts = "user_top\(top)_\(day).txt"
    userCountries = "user_country_\(day).txt"
    manifest = "manifest_\(day).json"
  }
}
