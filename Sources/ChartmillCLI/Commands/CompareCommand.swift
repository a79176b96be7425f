internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// `chartmill compare`: how charts moved from one date to another.
struct CompareCommand: ChartmillCommand {
  static let name = "compare"
  static let group = CommandGroup.results
  static let summary = "show how charts moved from one date to another"
  static let usage = ["compare --out DIR D1 D2 [--country CC ... | --user ID] [FLAGS]"]
  static let description = """
    Shows each chart of D2 with what moved since D1: up, down, NEW, and the songs that left. Ends \
    with code 66 if a user or country has no chart at either date.
    """
  static let operand: ArgumentKind? = .date
  static let memory = ShowCommand.memory
  static let examples = [
    "compare --out charts 20260628 20260705 --country FR --country DE",
    "compare --out charts 20260628 20260705 --user 42",
  ]
  static let flags: [Flag] = [
    .publishedCharts, .user,
    .country.explained(
      isRepeatable: true, "The chart of this country. May be repeated. Default: all."),
    .json.explained("Print one JSON object per chart, one per line."), .color,
  ]
  static let readsCharts = true

  private let folder: String
  private let previous: Day
  private let current: Day
  private let user: UInt64?
  /// Empty for all.
  private let countries: Set<CountryCode>
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.out)
    (previous, current) = try Self.dates(arguments)
    user = try arguments.user()
    countries = Set(try arguments.countries(.country))
    isJSON = arguments.has(.json)
    color = try arguments.color()
    if user != nil, !countries.isEmpty {
      throw arguments.usageError(
        "both --user and --country were given", fix: "Compare a user or countries at once.")
    }
  }

  private static func dates(_ arguments: ParsedArguments) throws -> (Day, Day) {
    guard arguments.operands.count == 2 else {
      throw arguments.usageError(
        "two dates are compared, but \(arguments.operands.count) were given",
        fix: "Write, for example, chartmill compare --out charts 20260704 20260705.")
    }
    return (try arguments.day(operand: 0), try arguments.day(operand: 1))
  }

  func perform() throws {
    let comparison = try ChartComparison(folder: folder, before: previous, now: current)
    let windows = (comparison.before.manifest.window, comparison.now.manifest.window)
    if !windows.0.isLike(windows.1) {
      let warning = Warnings(
        "the charts of \(current) are of \(counted(windows.1.coveredDays, "day")), "
          + "those of \(previous) of \(windows.0.coveredDays): streams and places differ for that too"
      )
      StandardError.write(warning.text(.standardError(color)))
    }
    if !isJSON { try StandardOutput.write(heading(comparison)) }
    if let user {
      try writeUser(user, comparison)
    } else {
      try writeCountries(comparison)
    }
  }

  private func writeUser(_ user: UInt64, _ comparison: ChartComparison) throws {
    let movement = try comparison.movement(ofUser: user)
    guard let movement else { throw ChartsError.noUser(user, dates: [previous, current]) }
    try write(ShownMovement(movement, user: user))
  }

  /// Writes the charts that exist; then fails with the first country that was asked for and has none.
  private func writeCountries(_ comparison: ChartComparison) throws {
    var missing = countries
    var movements = try comparison.countries()
    while let (country, movement) = try movements.next() {
      if !countries.isEmpty, missing.remove(country) == nil { continue }
      try write(ShownMovement(movement, country: country))
    }
    if let country = missing.min() {
      throw ChartsError.noCountry(country, dates: [previous, current])
    }
  }

  private func write(_ shown: ShownMovement) throws {
    try StandardOutput.write(
      isJSON ? JSONLine.text(shown) : "\n" + shown.text(.standardOutput(color)))
  }

  private func heading(_ comparison: ChartComparison) -> String {
    let (previous, current) = (comparison.before.manifest, comparison.now.manifest)
    let isUnlike = !previous.window.isLike(current.window)
    let heading =
      "now     \(span(current.window, saysDays: isUnlike))\n"
      + "before  \(span(previous.window, saysDays: isUnlike))\n"
    if previous.top == current.top { return heading }
    return heading
      + "top     \(comparison.top) compared, of \(current.top) now and \(previous.top) before\n"
  }
}
