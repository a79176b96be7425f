internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// The run at a glance: a few large numbers.
struct GlanceSection {
  private let manifest: Manifest
  private let previous: Manifest?

  init(_ manifest: Manifest, _ previous: Manifest?) {
    self.manifest = manifest
    self.previous = previous
  }

  var html: HTML {
    let (totals, run) = (manifest.totals, manifest.run)
    let rows = totals.accepted + totals.rejected
    let seconds = run.seconds.total
    let rate =
      seconds > 0 ? "\(compact(Int(saturating: Double(rows) / seconds))) rows per second" : ""
    return """
      <section>
      <h2>At a glance</h2>
      <dl class="glance">
      \(figure("rows", "Rows charted", grouped(totals.accepted), changed(\.accepted)))
      \(figure(
        "bad-rows", "Bad rows", grouped(totals.rejected),
        "\(percent(totals.rejected, of: rows)) of all rows"))
      \(figure("users", "Users", grouped(totals.users), changed(\.users)))
      \(figure("countries", "Countries", grouped(totals.countries), changed(\.countries)))
      \(figure("seconds", "Time", "\(decimal(seconds, 1)) s", rate))
      \(figure(
        "memory", "Peak memory", ByteSize.text(run.peakResident),
        "of \(ByteSize.text(run.memoryBudget))"))
      </dl>
      </section>

      """
  }

  private func changed(_ number: KeyPath<Manifest.Totals, Int>) -> String {
    guard let previous else { return "" }
    let (old, new) = (previous.totals[keyPath: number], manifest.totals[keyPath: number])
    if old == new { return "same as on \(previous.date.short)" }
    return change(from: old, to: new).map { "\($0) since \(previous.date.short)" } ?? ""
  }

  private func figure(_ id: String, _ name: String, _ value: String, _ note: String) -> HTML {
    """
    <div><dt>\(name)</dt><dd id="\(id)">\(value)</dd>\(note.isEmpty ? [] : [noted(note)])</div>
    """
  }

  private func noted(_ note: String) -> HTML { "<dd class=\"note\">\(note)</dd>" }
}
