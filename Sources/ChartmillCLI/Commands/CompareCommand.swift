internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// `chartmill compare`: how charts moved from one date to another.
struct CompareCommand: ChartmillCommand {
  static let name = "compare"
  static let group = CommandGroup.results
  static let summary = "show how charts changed from one date to another"
  static let usage = [
    "compare --out DIR PREVIOUS CURRENT [--country CC] [FLAGS]",
    "compare --out DIR PREVIOUS CURRENT --user ID [FLAGS]",
  ]
  static let description = """
    Shows the charts of the date CURRENT and what changed since the date PREVIOUS: songs that \
    went up or down, are new (NEW), or left the chart. Shows all countries, the countries given \
    with --country, or one user. The exit code is 66 if a user or country has no chart \
    on either date.
    """
  static let operand: ArgumentKind? = .date
  static let memory = ShowCommand.memory
  static let examples = [
    "compare --out charts 20260628 20260705 --country FR --country DE",
    "compare --out charts 20260628 20260705 --user 42",
  ]
  static let flags: [Flag] = [
    .publishedCharts, .user.explained("Compare the charts of this user."),
    .country.explained(
      isRepeatable: true, "Compare the charts of this country. May be repeated. Default: all."),
    .songFile, .json.explained("Print one JSON object per chart, each on its own line."), .color,
  ]
  static let readsCharts = true

  private let folder: String
  private let previous: Day
  private let current: Day
  private let user: UInt64?
  /// Empty for all.
  private let countries: Set<CountryCode>
  private let songFile: String?
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.out)
    (previous, current) = try Self.dates(arguments)
    user = try arguments.user()
    countries = Set(try arguments.countries(.country, ignoresCase: true))
    songFile = try arguments.path(.songFile)
    isJSON = arguments.has(.json)
    color = try arguments.color()
    if user != nil, !countries.isEmpty {
      throw arguments.usageError(
        "both --user and --country were given", fix: "Use one of them.")
    }
  }

  private static func dates(_ arguments: ParsedArguments) throws -> (Day, Day) {
    guard arguments.operands.count == 2 else {
      let count = arguments.operands.count
      let given = count == 0 ? "none was" : count == 1 ? "one was" : "\(count) were"
      throw arguments.usageError(
        "compare needs two dates, but \(given) given",
        fix: "For example: chartmill compare --out charts 20260704 20260705.")
    }
    return (try arguments.day(operand: 0), try arguments.day(operand: 1))
  }

  func perform() throws {
    let comparison = try ChartComparison(folder: folder, before: previous, now: current)
    let windows = (comparison.before.manifest.window, comparison.now.manifest.window)
    if !windows.0.isLike(windows.1) {
      let warning = Warnings(
        "the charts for \(current) cover \(counted(windows.1.coveredDays, "day")), but those for "
          + "\(previous) cover \(windows.0.coveredDays): this causes part of the difference")
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
    let titles = try titles { body in body(movement) }
    try write(ShownMovement(movement, user: user, titles))
  }

  /// Writes the charts that exist; then fails with the first requested country that has none.
  private func writeCountries(_ comparison: ChartComparison) throws {
    let titles = try titles { body in
      try forEachCountry(comparison) { _, movement in body(movement) }
    }
    var missing = countries
    try forEachCountry(comparison) { country, movement in
      missing.remove(country)
      try write(ShownMovement(movement, country: country, titles))
    }
    if let country = missing.min() {
      throw ChartsError.noCountry(country, dates: [previous, current])
    }
  }

  /// Calls `body` with each country that was asked for, or with all countries.
  private func forEachCountry(
    _ comparison: ChartComparison, _ body: (CountryCode, ChartMovement) throws -> Void
  ) throws {
    var movements = try comparison.countries()
    while let (country, movement) = try movements.next() {
      if countries.isEmpty || countries.contains(country) { try body(country, movement) }
    }
  }

  /// The titles of the songs in the movements that `movements` gives; nil without a file of titles.
  private func titles(
    _ movements: ((ChartMovement) -> Void) throws -> Void
  ) throws -> ShownTitles? {
    try songFile.map {
      try ShownTitles(contentsOf: $0, color) { want in
        try movements { movement in
          for song in movement.songs { want(song.song) }
          for song in movement.left { want(song.song) }
        }
      }
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
      "current   \(span(current.window, saysDays: isUnlike))\n"
      + "previous  \(span(previous.window, saysDays: isUnlike))\n"
    if previous.top == current.top { return heading }
    return heading
      + "top       \(comparison.top) songs compared; current charts have \(current.top), "
      + "previous charts \(previous.top)\n"
  }
}
