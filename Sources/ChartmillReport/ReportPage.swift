internal import ChartmillModel
package import ChartmillReader
internal import ChartmillText

/// A self-contained page of HTML: it needs no network, script, font or picture.
///
/// Its numbers come from the manifest and the country charts. Samples of bad rows are left out, because
/// they hold user ids and a report may be forwarded.
package struct ReportPage {
  private let report: PublishedReport
  private let titles: [UInt64: ReportTitle]
  private var manifest: Manifest { report.manifest }

  /// - Parameter titles: the titles of songs; songs without one are listed by id.
  package init(_ report: PublishedReport, titles: [UInt64: ReportTitle] = [:]) {
    self.report = report
    self.titles = titles
  }

  package var text: String {
    let window = manifest.window
    let title = "Charts for \(window.first.long(to: window.last))"
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="generator" content="chartmill">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      \(ReportStyle.sheet)</style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      <p>\(subtitle)</p>
      </header>
      <main>
      \(WarningsSection(report).html)
      \(GlanceSection(manifest, report.comparable).html)
      \(DaysSection(report).html)
      \(BadRowsSection(report).html)
      \(CountriesSection(manifest, report.comparable).html)
      \(CountryChartsSection(report, titles).html)
      \(UsersSection(manifest).html)
      \(CostSection(report).html)
      </main>
      <footer>
      <p>Made by chartmill \(chartmillVersion) from \(OutputNames.manifest(manifest.date)) and the \
      country charts for that date, which chartmill \(manifest.run.version) wrote. All counts are \
      exact. Plots show them with three digits.</p>
      </footer>
      </body>
      </html>

      """
    return page.markup
  }

  private var subtitle: String {
    let window = manifest.window
    let text =
      "Top \(manifest.top) for each user and country, from \(counted(manifest.totals.logs, "log")) "
      + "covering \(window.coverage)."
    guard let previous = report.comparable else { return text }
    return text + " Compared with \(report.inWords(previous))."
  }
}

extension Manifest.Window {
  /// `5 of 7 days`.
  var coverage: String { "\(coveredDays) of \(counted(days, "day"))" }
}
