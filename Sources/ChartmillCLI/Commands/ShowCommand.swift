internal import ChartmillCore

/// `chartmill show`: one published chart, or what a campaign sends to one user.
struct ShowCommand {
  private enum Subject {
    case user(UInt64)
    case country(CountryCode)
    case campaign(UInt64)
  }

  private let folder: String
  private let date: Day?
  private let subject: Subject
  private let isJSON: Bool
  private let color: ColorChoice

  init(_ flags: RawFlags) throws {
    folder = try flags.requiredPath(.out)
    date = try flags.day(.date)
    isJSON = flags.has(.json)
    color = try flags.color()
    switch (try flags.user(), try flags.countries(.country).last) {
    case (let user?, nil): subject = flags.has(.campaign) ? .campaign(user) : .user(user)
    case (nil, let country?):
      if flags.has(.campaign) {
        throw flags.usageError(
          "--campaign is what one user is sent, but --country was given",
          fix: "Write --campaign --user ID.")
      }
      subject = .country(country)
    case (_?, _?):
      throw flags.usageError(
        "both --user and --country were given",
        fix: "Give one of them; --campaign shows a user's chart and that of their country.")
    case (nil, nil):
      throw flags.usageError(
        "neither --user nor --country was given", fix: "Write --user ID or --country CC.")
    }
  }

  func perform() throws {
    let shown = try look(in: ChartLookup(folder: folder, date: date))
    try StandardOutput.write(
      isJSON ? JSONLine.text(shown) : shown.text(.standardOutput(color)))
  }

  private func look(in lookup: ChartLookup) throws -> ShownCharts {
    let (window, dates) = (lookup.manifest.window, [lookup.manifest.date])
    switch subject {
    case .user(let user):
      guard let chart = try lookup.chart(ofUser: user) else {
        throw ChartsError.noUser(user, dates: dates)
      }
      return ShownCharts(window, user: (user, chart), country: nil)
    case .country(let country):
      guard let chart = try lookup.chart(ofCountry: country) else {
        throw ChartsError.noCountry(country, dates: dates)
      }
      return ShownCharts(window, user: nil, country: (country, chart))
    case .campaign(let user):
      guard let campaign = try lookup.campaign(ofUser: user) else {
        throw ChartsError.noUser(user, dates: dates)
      }
      return ShownCharts(
        window, user: (user, campaign.chart), country: (campaign.country, campaign.countryChart))
    }
  }
}
