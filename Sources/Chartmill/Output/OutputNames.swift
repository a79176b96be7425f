/// What the files of one date are called.
struct OutputNames: Sendable {
  let countryCharts: String
  let userCharts: String
  let userCountries: String
  let manifest: String

  init(day: Day, top: Int, compresses: Bool) {
    let ending = compresses ? ".txt.gz" : ".txt"
    countryCharts = "country_top\(top)_\(day)\(ending)"
    userCharts = "user_top\(top)_\(day)\(ending)"
    userCountries = "user_country_\(day)\(ending)"
    manifest = "manifest_\(day).json"
  }
}
