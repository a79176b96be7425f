internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

extension Flag {
  static let with = Flag(
    "with", .date, in: .input,
    "Date to compare the newest charts with. Default: 7 days before them.")
}

/// `chartmill compare`: how charts moved from one date to another.
struct CompareCommand: ChartmillCommand {
  static let name = "compare"
  static let group = CommandGroup.results
  static let summary = "show how charts changed from one date to another"
  static let usage = [
    "compare --charts DIR [--with PREVIOUS] [FLAGS]",
    "compare --charts DIR PREVIOUS CURRENT [FLAGS]",
  ]
  static let description = """
    Shows the newest charts and what changed in 7 days, or the charts of the date CURRENT and what \
    changed since the date PREVIOUS: songs that went up or down, are new (NEW), or left the chart. \
    Warns if the two cover different numbers of days. Shows all countries, the countries given \
    with --country, or one user. The exit code is 66 if a user or country has no chart \
    on either date.
    """
  static let operand: ArgumentKind? = .date
  static let memory = ShowCommand.memory
  static let examples = [
    "compare --charts charts --country FR --country DE",
    "compare --charts charts 20260628 20260705 --user 42",
  ]
  static let flags: [Flag] = [
    .charts, .with, .user.explained("Compare the charts of this user."),
    .country.explained(
      isRepeatable: true, "Compare the charts of this country. May be repeated. Default: all."),
    .history, .songFile, .json.explained("Print one JSON object per chart, each on its own line."),
    .color,
  ]
  static let readsCharts = true

  private let folder: String
  private enum Dates {
    case named(previous: Day, current: Day)
    /// The newest date and another, or nil for the one 7 days before.
    case newest(with: Day?)
  }

  private let dates: Dates
  private let user: UInt64?
  /// Empty for all.
  private let countries: Set<CountryCode>
  private let songFile: String?
  private let hasHistory: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.charts)
    dates = try Self.dates(arguments)
    user = try arguments.user()
    countries = Set(try arguments.countries(.country, ignoresCase: true))
    songFile = try arguments.path(.songFile)
    hasHistory = arguments.has(.history)
    isJSON = arguments.has(.json)
    color = try arguments.color()
    if user != nil, !countries.isEmpty {
      throw arguments.usageError(
        "both --user and --country were given", fix: "Use one of them.")
    }
  }

  private static func dates(_ arguments: ParsedArguments) throws -> Dates {
    let with = try arguments.day(.with)
    let count = arguments.operands.count
    if count == 0 { return .newest(with: with) }
    guard count == 2 else {
      throw arguments.usageError(
        "compare takes two dates or none, but \(count == 1 ? "one was" : "\(count) were") given",
        fix: count == 1
          ? "To compare the newest charts with that date, use --with \(arguments.operands[0])."
          : "For example: chartmill compare --charts charts 20260628 20260705.")
    }
    if with != nil {
      throw arguments.usageError(
        "both --with and two dates were given",
        fix: "Leave --with out, or leave the two dates out to compare the newest charts.")
    }
    return .named(
      previous: try arguments.day(operand: 0), current: try arguments.day(operand: 1))
  }

  func perform() throws {
    let comparison =
      switch dates {
      case .named(let previous, let current):
        try ChartComparison(folder: folder, previous: previous, current: current)
      case .newest(let previous): try ChartComparison(folder: folder, newestWith: previous)
      }
    let windows = (comparison.previous.manifest.window, comparison.current.manifest.window)
    let (previous, current) = (windows.0.last, windows.1.last)
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
    guard let movement else { throw ChartsError.noUser(user, dates: comparison.dates) }
    let titles = try titles { body in body(movement) }
    let history =
      hasHistory
      ? try ChartHistory(of: movement.allSongs, user: user, until: comparison.current) : nil
    let shownHistory = history.map(ShownHistory.init)
    try write(ShownMovement(movement, comparison, user: user, titles, shownHistory))
    try writeFooter(shownHistory)
  }

  /// Writes the charts that exist; then fails with the first requested country that has none.
  private func writeCountries(_ comparison: ChartComparison) throws {
    let titles = try titles { body in
      try forEachCountry(comparison) { _, movement in body(movement) }
    }
    var history: ShownHistory?
    if hasHistory {
      var songs: [CountryCode: [UInt64]] = [:]
      try forEachCountry(comparison) { country, movement in songs[country] = movement.allSongs }
      history = ShownHistory(try ChartHistory(of: songs, until: comparison.current))
    }
    var missing = countries
    try forEachCountry(comparison) { country, movement in
      missing.remove(country)
      try write(ShownMovement(movement, comparison, country: country, titles, history))
    }
    try writeFooter(history)
    if let country = missing.min() {
      throw ChartsError.noCountry(country, dates: comparison.dates)
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
          for song in movement.allSongs { want(song) }
        }
      }
    }
  }

  /// Writes what the columns of the history count, once for all charts.
  private func writeFooter(_ history: ShownHistory?) throws {
    if let history, !isJSON { try StandardOutput.write("\n" + history.footer) }
  }

  private func write(_ shown: ShownMovement) throws {
    try StandardOutput.write(
      isJSON ? JSONLine.text(shown) : "\n" + shown.text(.standardOutput(color)))
  }

  private func heading(_ comparison: ChartComparison) -> String {
    let (previous, current) = (comparison.previous.manifest, comparison.current.manifest)
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
