/// The names of the files of one date.
package struct OutputNames: Sendable {
  package let countryCharts: String
  package let userCharts: String
  package let userCountries: String
  package let manifest: String

  private let chartEnding: String

  package init(day: Day, top: Int, _ encoding: ChartEncoding) {
    chartEnding = "_top\(top)_\(day)\(encoding.ending)"
    countryCharts = "country" + chartEnding
    userCharts = "user" + chartEnding
    userCountries = "user_country_\(day)\(encoding.ending)"
    manifest = Self.manifest(day)
  }

  /// The name of a date's manifest.
  package static func manifest(_ day: Day) -> String { "manifest_\(day).json" }

  /// The date of the manifest with that name; nil if it is not the name of a manifest.
  package static func day(ofManifest name: String) -> Day? {
    guard name.hasPrefix("manifest_"), name.hasSuffix(".json") else { return nil }
    return Day(yyyymmdd: name.dropFirst(9).dropLast(5))
  }

  /// The name of the page that `chartmill report` makes for a date.
  package static func report(_ day: Day) -> String { "report_\(day).html" }

  /// The name of the folder with the files that Spark jobs make for a date.
  package static func parts(_ day: Day) -> String { "parts_\(day)" }

  /// The name of the file of a single country's chart.
  package func chart(ofCountry code: String) -> String { code + chartEnding }

  /// The country whose chart file has that name; nil if it is not the name of such a file.
  package func country(ofName name: String) -> String? {
    let code = String(name.prefix(2))
    return CountryCode(code) != nil && name == chart(ofCountry: code) ? code : nil
  }

  /// Whether this can be the name of a chart file of that day, in any format and with any `top`.
  package static func isChart(_ name: String, of day: Day) -> Bool {
    self.day(ofChart: name) == day
  }

  /// Whether this can be the name of a chart file of any day.
  package static func isChart(_ name: String) -> Bool { day(ofChart: name) != nil }

  package static func isManifest(_ name: String) -> Bool { day(ofManifest: name) != nil }

  package static func isReport(_ name: String) -> Bool {
    name.hasPrefix("report_") && name.hasSuffix(".html")
      && Day(yyyymmdd: name.dropFirst(7).dropLast(5)) != nil
  }

  private static func day(ofChart name: String) -> Day? {
    var stem = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    guard let format = ChartFormat.allCases.first(where: { stem.hasSuffix($0.ending) }) else {
      return nil
    }
    stem = stem.dropLast(format.ending.count)
    guard let day = Day(yyyymmdd: stem.suffix(8)) else { return nil }
    let words = stem.dropLast(8).split(separator: "_", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].isEmpty else { return nil }
    if words[0] == "user", words[1] == "country" { return day }
    let number = words[1].dropFirst(3).utf8
    let isTop =
      words[1].hasPrefix("top") && !number.isEmpty && number.allSatisfy { (48...57).contains($0) }
    let isKey = words[0] == "user" || words[0] == "country" || CountryCode(String(words[0])) != nil
    return isTop && isKey ? day : nil
  }
}
