internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// The run at a glance: a few large numbers.
struct GlanceSection {
  private let manifest: Manifest
  private let before: Manifest?

  init(_ manifest: Manifest, _ before: Manifest?) {
    self.manifest = manifest
    self.before = before
  }

  var html: HTML {
    let (totals, run) = (manifest.totals, manifest.run)
    let rows = totals.accepted + totals.rejected
    let seconds = run.seconds.total
    let rate =
      seconds > 0 ? "\(compact(Int(saturating: Double(rows) / seconds))) rows a second" : ""
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
        "memory", "Memory at most", ByteSize.text(run.peakResident),
        "of \(ByteSize.text(run.memoryBudget))"))
      </dl>
      </section>

      """
  }

  private func changed(_ number: KeyPath<Manifest.Totals, Int>) -> String {
    guard let before else { return "" }
    let (former, current) = (before.totals[keyPath: number], manifest.totals[keyPath: number])
    if former == current { return "as many as on \(before.date.short)" }
    return change(from: former, to: current).map { "\($0) since \(before.date.short)" } ?? ""
  }

  private func figure(_ id: String, _ name: String, _ value: String, _ note: String) -> HTML {
    """
    <div><dt>\(name)</dt><dd id="\(id)">\(value)</dd>\(note.isEmpty ? [] : [noted(note)])</div>
    """
  }

  private func noted(_ note: String) -> HTML { "<dd class=\"note\">\(note)</dd>" }
}
