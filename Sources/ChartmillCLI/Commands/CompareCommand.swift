internal import ChartmillCore

/// `chartmill compare`: how charts moved from one date to another.
struct CompareCommand {
  private let folder: String
  private let before: Day
  private let now: Day
  private let user: UInt64?
  /// Empty for all.
  private let countries: Set<CountryCode>
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ flags: RawFlags) throws {
    folder = try flags.requiredPath(.out)
    (before, now) = try Self.dates(flags)
    user = try flags.user()
    countries = Set(try flags.countries(.country))
    isJSON = flags.has(.json)
    color = try flags.color()
    if user != nil, !countries.isEmpty {
      throw flags.usageError(
        "both --user and --country were given", fix: "Compare a user or countries at once.")
    }
  }

  private static func dates(_ flags: RawFlags) throws -> (Day, Day) {
    guard flags.operands.count == 2 else {
      throw flags.usageError(
        "two dates are compared, but \(flags.operands.count) were given",
        fix: "Write, for example, chartmill compare --out charts 20260704 20260705.")
    }
    return (try flags.day(operand: 0), try flags.day(operand: 1))
  }

  func perform() throws {
    let comparison = try ChartComparison(folder: folder, before: before, now: now)
    let (former, current) = (comparison.before.manifest.window, comparison.now.manifest.window)
    if !former.isLike(current) {
      let warning = Warnings(
        "the charts of \(now) are of \(counted(current.coveredDays, "day")), "
          + "those of \(before) of \(former.coveredDays): streams and places differ for that too")
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
    guard let movement else { throw ChartsError.noUser(user, dates: [before, now]) }
    try write(ShownMovement(movement, user: user))
  }

  /// Those that have a chart, and then an error that names the first that was asked for and has none.
  private func writeCountries(_ comparison: ChartComparison) throws {
    var missing = countries
    var movements = try comparison.countries()
    while let (country, movement) = try movements.next() {
      if !countries.isEmpty, missing.remove(country) == nil { continue }
      try write(ShownMovement(movement, country: country))
    }
    if let country = missing.min() {
      throw ChartsError.noCountry(country, dates: [before, now])
    }
  }

  private func write(_ shown: ShownMovement) throws {
    try StandardOutput.write(
      isJSON ? JSONLine.text(shown) : "\n" + shown.text(.standardOutput(color)))
  }

  private func heading(_ comparison: ChartComparison) -> String {
    let (former, current) = (comparison.before.manifest, comparison.now.manifest)
    let isUnlike = !former.window.isLike(current.window)
    let heading =
      "now     \(span(current.window, saysDays: isUnlike))\n"
      + "before  \(span(former.window, saysDays: isUnlike))\n"
    if former.top == current.top { return heading }
    return heading
      + "top     \(comparison.top) compared, of \(current.top) now and \(former.top) before\n"
  }
}
