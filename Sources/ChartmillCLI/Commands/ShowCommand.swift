internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader

extension Flag {
  fileprivate static let campaign = Flag(
    "campaign", in: .output, "Also show the chart of the user's country.")
  fileprivate static let song = Flag(
    "song", .number("ID", example: 42), in: .input,
    "Show the rank of this song in the charts of all countries.")
}

/// `chartmill show`: one published chart, what a campaign sends to one user, or one song in all
/// countries.
struct ShowCommand: ChartmillCommand {
  static let name = "show"
  static let group = CommandGroup.results
  static let summary = "show the chart of one user or country, or one song"
  static let usage = [
    "show --charts DIR --user ID [--campaign] [FLAGS]", "show --charts DIR --country CC [FLAGS]",
    "show --charts DIR --song ID [FLAGS]",
  ]
  static let description = """
    Finds a chart in the published files, in any format, plain or gzip. Shows rank, song, \
    streams, and each song's share of the streams in the chart. With --song, shows the countries \
    whose chart has the song. The exit code is 66 if there is no such chart.
    """
  static let memory = "at most 32 MiB, whatever the charts contain."
  static let examples = [
    "show --charts charts --country FR", "show --charts charts --user 42 --campaign --json",
  ]
  static let flags: [Flag] = [
    .charts, .publishedDate, .user, .country, .song, .campaign, .history, .songFile, .json,
    .color,
  ]
  static let readsCharts = true

  private enum Subject {
    case user(UInt64)
    case country(CountryCode)
    case campaign(UInt64)
    case song(UInt64)
  }

  private let folder: String
  private let date: Day?
  private let subject: Subject
  private let songFile: String?
  private let hasHistory: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.charts)
    date = try arguments.day(.date)
    songFile = try arguments.path(.songFile)
    hasHistory = arguments.has(.history)
    isJSON = arguments.has(.json)
    color = try arguments.color()
    if let song = try arguments.integer(.song, in: 0...Int.max) {
      for flag in [Flag.user, .country, .campaign] where arguments.has(flag) {
        throw arguments.usageError(
          "both --song and \(flag.spelling) were given", fix: "Use one of them.")
      }
      subject = .song(UInt64(song))
      return
    }
    switch (try arguments.user(), try arguments.countries(.country, ignoresCase: true).last) {
    case (let user?, nil): subject = arguments.has(.campaign) ? .campaign(user) : .user(user)
    case (nil, let country?):
      if arguments.has(.campaign) {
        throw arguments.usageError(
          "--campaign is for a user, but --country was given",
          fix: "Use --user ID --campaign.")
      }
      subject = .country(country)
    case (_?, _?):
      throw arguments.usageError(
        "both --user and --country were given",
        fix: "Use one of them; --user ID --campaign shows a user's chart and their country's.")
    case (nil, nil):
      throw arguments.usageError(
        "no --user, --country or --song was given",
        fix: "Use --user ID, --country CC or --song ID.")
    }
  }

  func perform() throws {
    let lookup = try ChartLookup(folder: folder, date: date)
    let palette = Palette.standardOutput(color)
    if case .song(let song) = subject {
      let shown = try look(for: song, in: lookup)
      try StandardOutput.write(isJSON ? JSONLine.text(shown) : shown.text(palette))
    } else {
      let shown = try look(in: lookup)
      try StandardOutput.write(isJSON ? JSONLine.text(shown) : shown.text(palette))
    }
  }

  private func look(for song: UInt64, in lookup: ChartLookup) throws -> ShownSong {
    let places = try lookup.places(ofSong: song)
    if places.isEmpty { throw ChartsError.noSong(song, date: lookup.manifest.date) }
    let titles = try songFile.map {
      try ShownTitles(contentsOf: $0, color) { want in want(song) }
    }
    let history =
      hasHistory
      ? try ChartHistory(
        of: Dictionary(uniqueKeysWithValues: places.map { ($0.country, [song]) }), until: lookup)
      : nil
    return try ShownSong(song, places, lookup.manifest, titles, history.map(ShownHistory.init))
  }

  private func look(in lookup: ChartLookup) throws -> ShownCharts {
    let (window, dates) = (lookup.manifest.window, [lookup.manifest.date])
    var userChart: (id: UInt64, chart: [ChartedSong])?
    var countryChart: (code: CountryCode, chart: [ChartedSong])?
    switch subject {
    case .user(let user):
      guard let chart = try lookup.chart(ofUser: user) else {
        throw ChartsError.noUser(user, dates: dates)
      }
      userChart = (user, chart)
    case .country(let country):
      guard let chart = try lookup.chart(ofCountry: country) else {
        throw ChartsError.noCountry(country, dates: dates)
      }
      countryChart = (country, chart)
    case .campaign(let user):
      guard let campaign = try lookup.campaign(ofUser: user) else {
        throw ChartsError.noUser(user, dates: dates)
      }
      userChart = (user, campaign.chart)
      countryChart = (campaign.country, campaign.countryChart)
    case .song: break
    }
    let titles = try songFile.map {
      try ShownTitles(contentsOf: $0, color) { want in
        for song in (userChart?.chart ?? []) + (countryChart?.chart ?? []) { want(song.song) }
      }
    }
    var userHistory: ShownHistory?
    var countryHistory: ShownHistory?
    if hasHistory, let userChart {
      userHistory = ShownHistory(
        try ChartHistory(
          of: userChart.chart.map(\.song), user: userChart.id, until: lookup))
    }
    if hasHistory, let countryChart {
      countryHistory = ShownHistory(
        try ChartHistory(of: [countryChart.code: countryChart.chart.map(\.song)], until: lookup))
    }
    return try ShownCharts(
      window, user: userChart, country: countryChart, titles, userHistory, countryHistory)
  }
}
