import Foundation
import Testing

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillSynth

/// Looks up every chart that the real program published from random logs.
@Suite struct ChartLookupTests {
  /// The chart of each country or user, as lines of a file.
  private static func lines(_ out: TemporaryFolder, _ name: String) throws -> [String: String] {
    let isGzip = try out.names().contains(name + ".gz")
    let bytes =
      isGzip
      ? try Tool.run("gzip", "-dc", out.path(of: name + ".gz")).output : try out.readBytes(name)
    let pairs = Charts.lines(bytes).map { line in
      let parts = line.split(separator: "|")
      return (String(parts[0]), String(parts[1]))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private static func text(_ chart: [ChartedSong]?) -> String? {
    chart.map { $0.map { "\($0.song):\($0.streams)" }.joined(separator: ",") }
  }

  private static func rows(seed: UInt64) -> String {
    var random = RandomStream(seed: seed)
    let users = (0..<300).map { _ in random.next() >> UInt64.random(in: 1...60, using: &random) }
    return (0..<4000).map { _ in
      let user = users[Int.random(in: users.indices, using: &random)]
      let country = ["DE", "FR", "IT", "US"][Int.random(in: 0..<4, using: &random)]
      return "\(UInt64.random(in: 0..<60, using: &random))|\(user)|\(country)\n"
    }.joined()
  }

  @Test(
    arguments: [
      [], ["--compress"], ["--partitions", "1"], ["--partitions", "1", "--compress"],
      ["--partitions", "1024"], ["--partitions", "1024", "--compress", "--top", "1"],
    ], ChartFormat.allCases)
  func everyChartIsTheOneInTheFiles(_ flags: [String], _ format: ChartFormat) throws {
    let book = try LogBook(Self.rows(seed: 20))
    let run = try book.run(flags)
    try #require(run.status == 0, "\(run.errors)")
    let top = flags.last == "1" && flags.contains("--top") ? 1 : 50
    let users = try Self.lines(run.out, "user_top\(top)_\(LogBook.lastDay).txt")
    let userCountries = try Self.lines(run.out, "user_country_\(LogBook.lastDay).txt")
    let countries = try Self.lines(run.out, "country_top\(top)_\(LogBook.lastDay).txt")
    #expect(users.count > 250 && countries.count == 4)

    // Every format gives the same charts.
    let out = try TemporaryFolder()
    try #require(try book.run(flags + ["--format", format.rawValue], out: out).status == 0)
    let lookup = try ChartLookup(folder: out.path, date: nil)
    for (user, chart) in users {
      let id = try #require(UInt64(user))
      #expect(try Self.text(lookup.chart(ofUser: id)) == chart)
      let campaign = try #require(try lookup.campaign(ofUser: id))
      #expect(Self.text(campaign.chart) == chart)
      #expect(campaign.country.description == userCountries[user])
      #expect(Self.text(campaign.countryChart) == countries[campaign.country.description])
      for absent in [id - min(id, 1), id + 1] where users["\(absent)"] == nil {
        #expect(try lookup.chart(ofUser: absent) == nil)
        #expect(try lookup.campaign(ofUser: absent) == nil)
      }
    }
    for code in ["AA", "DE", "EE", "FR", "IT", "US", "ZZ"] {
      let country = try #require(CountryCode(code))
      #expect(try Self.text(lookup.chart(ofCountry: country)) == countries[code])
    }
  }

  @Test func filesWithoutCharts() throws {
    let run = try LogBook("").run()
    try run.expectFailure(65, "no accepted rows for 20260629 to 20260705: the logs are empty")
    #expect(throws: ChartsError.self) { try ChartLookup(folder: run.out.path, date: nil) }
  }
}
