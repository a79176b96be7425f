internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader

extension Flag {
  fileprivate static let campaign = Flag(
    "campaign", in: .output, "Also show the chart of the user's country.")
}

/// `chartmill show`: one published chart, or what a campaign sends to one user.
struct ShowCommand: ChartmillCommand {
  static let name = "show"
  static let group = CommandGroup.results
  static let summary = "show the chart of one user or country"
  static let usage = [
    "show --out DIR --user ID [--campaign] [FLAGS]", "show --out DIR --country CC [FLAGS]",
  ]
  static let description = """
    Finds a chart in the published files, in any format, plain or gzip. Shows rank, song, \
    streams, and each song's share of the streams in the chart. The exit code is 66 if there is \
    no such chart.
    """
  static let memory = "at most 32 MiB, whatever the charts contain."
  static let examples = [
    "show --out charts --country FR", "show --out charts --user 42 --campaign --json",
  ]
  static let flags: [Flag] = [
    .publishedCharts, .publishedDate, .user, .country, .campaign, .songFile, .json, .color,
  ]
  static let readsCharts = true

  private enum Subject {
    case user(UInt64)
    case country(CountryCode)
    case campaign(UInt64)
  }

  private let folder: String
  private let date: Day?
  private let subject: Subject
  private let songFile: String?
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.out)
    date = try arguments.day(.date)
    songFile = try arguments.path(.songFile)
    isJSON = arguments.has(.json)
    color = try arguments.color()
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
        "neither --user nor --country was given", fix: "Use --user ID or --country CC.")
    }
  }

  func perform() throws {
    let shown = try look(in: ChartLookup(folder: folder, date: date))
    try StandardOutput.write(
      isJSON ? JSONLine.text(shown) : shown.text(.standardOutput(color)))
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
    }
    let titles = try songFile.map {
      try ShownTitles(contentsOf: $0, color) { want in
        for song in (userChart?.chart ?? []) + (countryChart?.chart ?? []) { want(song.song) }
      }
    }
    return try ShownCharts(window, user: userChart, country: countryChart, titles)
  }
}
