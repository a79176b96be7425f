internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let maxBadRows = Flag(
    "max-bad-rows", .text("SHARE"), in: .badRows,
    "Maximum share of bad rows in a day. Default: 5%.")
  static let rejects = Flag(
    "rejects", .file, in: .badRows, "Save the bad rows to FILE (gzip; must end in .gz).")
  static let repair = Flag(
    "repair", in: .badRows, "Repair malformed rows that have only one meaning.")
  static let allowCountry = Flag(
    "allow-country", .text("CC"), isRepeatable: true, in: .badRows,
    "Also accept this country code. May be repeated.")
  static let countries = Flag(
    "countries", .file, in: .badRows, "Country codes, one per line. Default: ISO 3166-1.")
}

extension FlagGroup {
  /// The flags that decide which codes are countries.
  static let countryCodes: [Flag] = [.allowCountry, .countries]
  /// The flags that decide which rows are accepted.
  static let rowRules: [Flag] = [.repair] + countryCodes
}

extension ParsedArguments {
  func rowRules() throws -> RowRules {
    RowRules(countries: try countryList(), repairs: has(.repair))
  }

  func maxBadRows() throws -> Share {
    try share(.maxBadRows) ?? .percent(5)
  }

  func rejectsFile() throws -> String? {
    guard let path = try path(.rejects) else { return nil }
    guard path.hasSuffix(".gz") else {
      if path == "-" || path.hasPrefix("/dev/") {
        throw usageError(
          "--rejects cannot write to \(quoted(path)): it replaces a file when the run ends",
          fix: "Name a file, for example --rejects rejects.gz.")
      }
      throw usageError(
        "--rejects \(quoted(path)) does not end in .gz, but the file is gzip",
        fix: "Use --rejects \(shellWord(path + ".gz")).")
    }
    return path
  }

  func countryList() throws -> CountryList {
    var list = CountryList.iso3166
    if let path = try path(.countries) {
      list = try CountryList(contentsOf: path)
    }
    for code in try countries(.allowCountry) {
      guard let longer = list.adding(code.description) else {
        throw usageError(
          "--allow-country '\(code)': the list of countries is full",
          fix: "Use a shorter list with --countries FILE.")
      }
      list = longer
    }
    return list
  }
}
