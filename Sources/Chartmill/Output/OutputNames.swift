/// What the files of one date are called.
struct OutputNames: Sendable {
  let countryCharts: String
  let userCharts: String
  let userCountries: String
  let manifest: String

  private let chartEnding: String

  init(day: Day, top: Int, _ encoding: ChartEncoding) {
    chartEnding = "_top\(top)_\(day)\(encoding.ending)"
    countryCharts = "country" + chartEnding
    userCharts = "user" + chartEnding
    userCountries = "user_country_\(day)\(encoding.ending)"
    manifest = "manifest_\(day).json"
  }

  /// The date that a name is the manifest of; nil for other names.
  static func day(ofManifest name: String) -> Day? {
    guard name.hasPrefix("manifest_"), name.hasSuffix(".json") else { return nil }
    return Day(yyyymmdd: name.dropFirst(9).dropLast(5))
  }

  /// What `chartmill report` makes of a date.
  static func report(_ day: Day) -> String { "report_\(day).html" }

  /// The file of one country's chart alone.
  func chart(ofCountry code: String) -> String { code + chartEnding }

  /// The country that a name is the file of; nil for other names.
  func country(ofName name: String) -> String? {
    let code = String(name.prefix(2))
    return CountryCode(code) != nil && name == chart(ofCountry: code) ? code : nil
  }

  /// Whether a name is one that a chart file of that day could have.
  static func isChart(_ name: String, of day: Day) -> Bool {
    let stem = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    guard ChartFormat.allCases.contains(where: { stem.hasSuffix("_\(day)\($0.ending)") }),
      !name.utf8.contains(UInt8(ascii: "/"))
    else { return false }
    return name.hasPrefix("country_top") || name.hasPrefix("user_")
      || (CountryCode(String(name.prefix(2))) != nil && name.dropFirst(2).hasPrefix("_top"))
  }
}
