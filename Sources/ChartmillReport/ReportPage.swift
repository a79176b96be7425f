internal import ChartmillModel
package import ChartmillReader
internal import ChartmillText

/// One page of HTML that needs nothing else: no network, no script, no font, no picture.
///
/// The numbers are the manifest's and those of the country charts. Samples of bad rows are left out:
/// they hold ids of users, and a report is sent around.
package struct ReportPage {
  private let report: PublishedReport
  private var manifest: Manifest { report.manifest }
  /// With what is compared; nil when there is nothing.
  private var before: Manifest? { report.before }

  package init(_ report: PublishedReport) {
    self.report = report
  }

  package var text: String {
    let window = manifest.window
    let title = "Charts of \(window.first.long(to: window.last))"
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
      \(GlanceSection(manifest, report.comparable).html)
      \(NoticesSection(manifest).html)
      \(DaysSection(report).html)
      \(BadRowsSection(report).html)
      \(CountriesSection(manifest, report.comparable).html)
      \(CountryChartsSection(report).html)
      \(UsersSection(manifest).html)
      \(CostSection(report).html)
      </main>
      <footer>
      <p>Made by chartmill \(chartmillVersion) from \(OutputNames.manifest(manifest.date)) and the \
      country charts of that date, which chartmill \(manifest.run.version) wrote. All counts are \
      exact; drawings shorten them to three digits.</p>
      </footer>
      </body>
      </html>

      """
    return page.markup
  }

  private var subtitle: String {
    let window = manifest.window
    var text = "\(counted(manifest.totals.logs, "log")) of \(counted(window.days, "day"))"
    let gaps = window.missing.count - window.withoutRows.count
    if gaps > 0 { text += ", \(counted(gaps, "day")) without a log" }
    text += "; top \(manifest.top)"
    if let before {
      text +=
        report.comparable == nil
        ? "; the charts before, of \(before.date.long), are of "
          + "\(before.window.coveredDays) of \(counted(before.window.days, "day")), "
          + "so their numbers are not set beside these"
        : "; compared with the charts of \(before.date.long)"
    }
    return text + "."
  }
}
