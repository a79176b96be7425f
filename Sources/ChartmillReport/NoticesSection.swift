internal import ChartmillModel
internal import ChartmillText

/// What the run warned of.
struct NoticesSection {
  private let warnings: [String]

  init(_ manifest: Manifest) {
    warnings = Warnings(manifest).lines
  }

  var html: HTML {
    let list: HTML =
      warnings.isEmpty
      ? """
      <p>Nothing was out of the ordinary: every day has its log or a kept rollup, no rollup had to be \
      replaced, and no sudden change was seen.</p>
      """
      : "<ul class=\"warnings\" id=\"warnings\">\n\(warnings.map { "<li>\(safe: $0)</li>\n" })</ul>"
    return """
      <section>
      <h2>Warnings</h2>
      \(list)
      </section>

      """
  }
}
