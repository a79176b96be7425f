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

  var all: [String] { [countryCharts, userCharts, userCountries, manifest] }

  /// Whether a name is one that a chart file of that day could have.
  static func isChart(_ name: String, of day: Day) -> Bool {
    (name.hasPrefix("country_top") || name.hasPrefix("user_"))
      && (name.hasSuffix("_\(day).txt") || name.hasSuffix("_\(day).txt.gz"))
      && !name.utf8.contains(UInt8(ascii: "/"))
  }
}
