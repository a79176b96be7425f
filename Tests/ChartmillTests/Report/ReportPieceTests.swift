import Testing

@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillReport
@testable import ChartmillSynth
@testable import ChartmillText

/// The pieces that the page is made of.
@Suite struct ReportPieceTests {
  @Test func textCannotBecomeMarkup() {
    let name = "<script>alert(\"x\") & 'y'</script>\u{202E}\u{1B}"
    let html: HTML = "<td title=\"\(name)\">\(name)</td>"
    let escaped =
      "&lt;script&gt;alert(&quot;x&quot;) &amp; &#39;y&#39;&lt;/script&gt;\\u{202e}\\x1b"
    #expect(html.markup == "<td title=\"\(escaped)\">\(escaped)</td>")
    #expect(("<i>\(html)</i>" as HTML).markup == "<i>\(html.markup)</i>")
    #expect(("\(["<b>" as HTML, "</b>"])\(7)" as HTML).markup == "<b></b>7")
    // Text that is already escaped is not escaped again.
    #expect(("\(safe: #"a\\b<"#)" as HTML).markup == #"a\\b&lt;"#)
  }

  @Test(arguments: [
    (0, [0]), (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (5, [0, 2, 4]), (9, [0, 2, 4, 6, 8]),
    (20, [0, 5, 10, 15, 20]),
    (999_746, [0, 200_000, 400_000, 600_000, 800_000]),
    (2_000_000, [0, 500_000, 1_000_000, 1_500_000, 2_000_000]),
  ])
  func ticksAreRound(_ largest: Int, _ ticks: [Int]) {
    #expect(PlotScale(largest: largest).ticks == ticks)
  }

  @Test func ticksCoverAnyNumber() {
    var random = RandomStream(seed: 61)
    for _ in 0..<2000 {
      let largest = Int(random.next() >> UInt64.random(in: 1...63, using: &random))
      let scale = PlotScale(largest: largest)
      #expect(scale.ticks.count <= 5 && scale.ticks[0] == 0, "\(largest)")
      #expect((scale.ticks.last ?? 0) <= largest, "\(largest)")
      #expect(largest == 0 || scale.ticks.count > 1, "\(largest)")
      #expect(scale.share(of: largest) == (largest > 0 ? 1 : 0))
    }
    #expect(PlotScale(largest: .max).ticks.count > 1)
    #expect(PlotScale(largest: 0).share(of: 0) == 0)
  }

  @Test func onlySomeOfManyLabelsAreShown() {
    for (count, maxLabels, step) in [(1, 7, 1), (7, 7, 1), (8, 7, 2), (365, 5, 73), (0, 5, 1)] {
      #expect(PlotScale.labelStep(count, max: maxLabels) == step)
    }
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1.00K"), (1024, "1.02K"), (9994, "9.99K"), (9995, "10.0K"),
    (12_345, "12.3K"), (99_949, "99.9K"), (99_950, "100K"), (999_499, "999K"),
    (999_500, "1.00M"), (6_998_130, "7.00M"), (Int.max, "9.22E"),
  ])
  func largeNumbersAreAbbreviated(_ value: Int, _ text: String) {
    #expect(compact(value) == text)
  }

  @Test(arguments: [
    (0, "0"), (20_000, "20K"), (1_500_000, "1.5M"), (2_000_000, "2M"), (150, "150"),
  ])
  func roundNumbersAreShort(_ value: Int, _ text: String) {
    #expect(tickText(value) == text)
  }

  @Test func numbersOfOneDigit() {
    #expect(
      (0..<22).map { compact(1 << $0, digits: 1) }.suffix(12) == [
        "1K", "2K", "4K", "8K", "16K", "33K", "66K", "131K", "262K", "524K", "1M", "2M",
      ])
  }

  @Test func changesAreShownInPercent() {
    #expect(change(from: 100, to: 103) == "+3.0%")
    #expect(change(from: 1000, to: 996) == "\u{2212}0.4%")
    #expect(change(from: 100_000, to: 100_001) == "\u{B1}0.0%")
    #expect(change(from: 7, to: 7) == "=")
    #expect(change(from: 0, to: 7) == nil)
    #expect(change(from: 1, to: 1_000_001) == "+100M%")
    #expect(change(from: 1, to: .max) != nil)
  }

  @Test func rangesOfDatesShowOnlyThePartsThatDiffer() throws {
    func day(_ text: String) throws -> Day { try #require(Day(yyyymmdd: text)) }
    let last = try day("20260705")
    #expect(try day("20260629").long(to: last) == "29 June to 5 July 2026")
    #expect(try day("20260701").long(to: last) == "1 to 5 July 2026")
    #expect(try day("20250706").long(to: last) == "6 July 2025 to 5 July 2026")
    #expect(last.long(to: last) == "5 July 2026")
    #expect(last.short == "5 Jul" && last.shortMonth == "Jul 2026")
  }

  private func plot(_ values: [Int?]) -> String {
    ColumnPlot(
      id: "p", title: "T", description: "D",
      columns: values.map {
        .init(value: $0, valueLabel: "\($0 ?? 0)", axisLabel: "day")
      }, gapLabel: "no log"
    ).html.markup
  }

  @Test func aDayWithoutALogIsAGap() {
    let few = plot([10, nil, 0, 5])
    // A gap has a different shape from a column, and 0 has no column.
    #expect(few.contains("class=\"gap\" d=\"M1 1000V0H2V1000Z\""))
    #expect(
      few.contains("class=\"bar\" d=\"M0.20 1000V0.0H0.80V1000ZM3.20 1000V500.0H3.80V1000Z\""))
    #expect(few.contains(">no log</text>") && few.contains(">10</text>"))
    #expect(few.contains("role=\"img\" aria-labelledby=\"p-title p-text\""))
    // A plot of many days has a scale and only some labels.
    let many = plot((0..<365).map { $0 % 50 == 7 ? nil : 1000 + $0 })
    #expect(many.contains("class=\"plot scaled\""))
    #expect(many.components(separatedBy: ">day</text>").count - 1 <= 7)
    #expect(!many.contains("no log"))
  }

  /// Without a value above 0 there are no columns, and nothing is divided by 0.
  @Test(arguments: [[], [nil], [0], [0, nil, 0]])
  func aPlotWithoutColumns(_ values: [Int?]) {
    let html = plot(values)
    #expect(!html.contains("nan") && !html.contains("inf"))
    #expect(html.contains("class=\"bar\" d=\"\""))
  }

  @Test func theSmallestColumnIsVisible() {
    #expect(plot([1_000_000, 1]).contains("M1.20 1000V992.9H1.80V1000Z"))
    #expect(Bar.byDay("blank", [1, nil, 1_000_000]).markup.contains("M0.10 24V23.00H0.90V24Z"))
  }

  /// The sums over the inputs; nil if they are impossible for any logs.
  private func totals(_ manifest: Manifest) -> LogTotals? {
    var totals = LogTotals()
    return manifest.inputs.allSatisfy { totals.add($0) } ? totals : nil
  }

  /// A manifest with any numbers is refused or gives a page. Nothing traps.
  @Test func aManifestMayHoldAnyNumbers() throws {
    let charts = try PublishedCharts()
    let text = try charts.text(of: PublishedCharts.manifest)
    let numbers = text.ranges(of: /[0-9][0-9.]*/)
    let whole = try Manifest(json: Array(text.utf8))
    let odd = [
      "0", "-1", "1", "63", "1e300", "0.5", "9223372036854775807", "-9223372036854775808",
      "4611686018427387904", "99991231", "00010101",
    ]
    var random = RandomStream(seed: 62)
    var pages = 0
    for round in 0..<3000 {
      var edited = text
      let places = (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in
        numbers.randomElement(using: &random)
      }
      for place in Set(places).sorted(by: { $0.lowerBound > $1.lowerBound }) {
        edited.replaceSubrange(place, with: odd.randomElement(using: &random) ?? "")
      }
      guard let manifest = try? Manifest(json: Array(edited.utf8)),
        let logs = totals(manifest), manifest.inconsistentKey(date: whole.date, logs) == nil
      else { continue }
      pages += 1
      let now = PublishedReport(manifest: manifest, previous: whole, charts: [])
      let then = PublishedReport(manifest: whole, previous: manifest, charts: [])
      #expect(ReportPage(now).text.hasSuffix("</html>\n"), "round \(round)")
      #expect(ReportPage(then).text.hasSuffix("</html>\n"), "round \(round)")
    }
    #expect(pages > 100)
  }

  @Test func barsShowAnyShare() {
    for share in [-1.0, 0, 0.5, 1, 7, .nan] {
      let html = Bar.across(share).markup
      #expect(html.contains("aria-hidden=\"true\"") && !html.contains("nan"))
    }
  }
}

extension String {
  fileprivate func components(separatedBy text: String) -> [Substring] {
    split(separator: text, omittingEmptySubsequences: false)
  }
}
