internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

/// The warnings of the run, and whether the previous charts can be compared with these.
struct WarningsSection {
  private let warnings: [String]

  init(_ report: PublishedReport) {
    var warnings = Warnings(report.manifest, dates: .words).lines
    if let previous = report.previous, report.comparable == nil {
      warnings.append(
        "the previous charts, for \(previous.date.long), cover \(previous.window.coverage): "
          + "their numbers are not compared with these, which cover \(report.manifest.window.coverage)"
      )
    }
    self.warnings = warnings
  }

  var html: HTML {
    let list: HTML =
      warnings.isEmpty
      ? "<p>Nothing was out of the ordinary. Every day of the window has rows.</p>"
      : "<ul class=\"warnings\" id=\"warnings\">\n\(warnings.map { "<li>\(safe: $0)</li>\n" })</ul>"
    return """
      <section>
      <h2>Warnings</h2>
      \(list)
      </section>

      """
  }
}
