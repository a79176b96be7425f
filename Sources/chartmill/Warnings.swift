internal import Chartmill

/// What a run warns of, quiet or not, from its manifest: safe to show, a line each.
struct Warnings {
  /// That are named where many are gone.
  private static let mostCountries = 10

  private(set) var lines: [String] = []

  init(_ manifest: Manifest) {
    let missing = manifest.window.missing
    if !missing.isEmpty {
      lines.append(
        "no log for \(days(missing)): the charts cover "
          + "\(manifest.window.days - missing.count) of \(manifest.window.days) days")
    }
    for notice in manifest.logNotices {
      let more = notice.count - notice.logs.count
      lines.append(
        notice.logs.map { SafeText($0).description }.joined(separator: "; ")
          + (more > 0 ? " and \(grouped(more)) more" : "") + ": " + notice.kind.rawValue)
    }
    if manifest.run.exceedsBudget {
      lines.append(
        "memory peaked at \(ByteSize.text(manifest.run.peakResident)), above --memory "
          + "\(ByteSize.text(manifest.run.memoryBudget)): please report this")
    }
    lines += Warnings(manifest.run.notices).lines
    add(manifest.run.changes)
  }

  init(_ notices: [DigestNotice], missing: [Day] = []) {
    lines = notices.map { "\($0.day): \($0.kind.rawValue)" }
    if !missing.isEmpty { lines.append("no log for \(days(missing))") }
  }

  init(_ line: String) {
    lines = [line]
  }

  /// For standard error.
  func text(_ palette: Palette) -> String {
    lines.map { "chartmill: \(palette.painted("warning:", .warning)) \($0)\n" }.joined()
  }

  /// Countries that are gone share a line: there may be many.
  private mutating func add(_ changes: [SuddenChange]) {
    for change in changes {
      switch change.kind {
      case .fewerRows:
        lines.append(
          "\(change.day): \(counted(change.found, "row")), where \(grouped(change.usual)) are usual"
        )
      case .moreBadRows:
        lines.append(
          "\(change.day): \(grouped(change.found)) bad rows, "
            + "where \(grouped(change.usual)) are usual")
      case .moreRows:
        lines.append(
          "\(change.day): \(counted(change.found, "row")), where \(grouped(change.usual)) are usual: "
            + "is a log there twice?")
      case .countryGone: continue
      }
    }
    let gone = changes.filter { $0.kind == .countryGone }
    if let day = gone.first?.day {
      let shown = gone.prefix(Self.mostCountries).map {
        "\(SafeText($0.country ?? "")) (\(grouped($0.usual)) are usual)"
      }
      let more = gone.count - shown.count
      lines.append(
        "\(day): no stream of \(shown.joined(separator: ", "))"
          + (more > 0 ? " and \(more) other\(more == 1 ? "" : "s")" : ""))
    }
  }
}

/// Days in a row of text, the first few by name.
func days(_ days: [Day]) -> String {
  let shown = 10
  let names = days.prefix(shown).map(\.description).joined(separator: ", ")
  return days.count > shown ? "\(names) and \(days.count - shown) more days" : names
}
