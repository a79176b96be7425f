internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let maxBadRows = Flag(
    "max-bad-rows", .text("SHARE"), in: .badRows,
    "Fail if more of a day's rows are bad. Default: 5%.")
  static let rejects = Flag(
    "rejects", .file, in: .badRows, "Write the bad rows of the logs read to FILE, a .gz.")
  static let repair = Flag(
    "repair", in: .badRows, "Repair rows that can be read in one way only.")
  static let allowCountry = Flag(
    "allow-country", .text("CC"), isRepeatable: true, in: .badRows,
    "Accept this code as a country. May be repeated.")
  static let countries = Flag(
    "countries", .file, in: .badRows, "File of codes, one per line, instead of ISO 3166-1.")
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
      throw usageError(
        "--rejects \(quoted(path)) does not end in .gz, and the file is gzip",
        fix: "Write --rejects \(SafeText(path)).gz.")
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
          fix: "Leave codes out of it with --countries FILE.")
      }
      list = longer
    }
    return list
  }
}
