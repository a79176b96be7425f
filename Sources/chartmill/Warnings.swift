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
    for input in manifest.inputs where input.reading == .gzipWithTrailingBytes {
      lines.append("\(SafeText(input.name)): bytes after the end of the gzip data were ignored")
    }
    lines += Warnings(manifest.run.notices).lines
    add(manifest.run.changes)
  }

  init(_ notices: [DigestNotice], missing: [Day] = []) {
    lines = notices.map { "\($0.day): \($0.kind.rawValue)" }
    if !missing.isEmpty { lines.append("no log for \(days(missing))") }
  }

  /// What the process went on without.
  init(_ notices: [SystemNotice]) {
    lines = notices.map { notice in
      switch notice {
      case .notSynchronized(let error):
        "\(SafeText(error.path)): the file system does not take fsync: after a power cut, "
          + "verify what was published"
      case .notLocked(let error):
        "\(SafeText(error.path)): the file system has no locks: see to it that no run on another "
          + "machine writes in that folder"
      case .unknownFreeSpace(let folder):
        "\(SafeText(folder)): the file system does not say how much space is free; "
          + "it was not checked"
      case .spillsInMemory(let folder):
        "\(SafeText(folder)): this folder is in memory, and spill files there take memory beside "
          + "--memory: name a folder on a disk with --spill-dir"
      }
    }
  }

  /// The charts are published all the same.
  init(notPruned error: JobError) {
    let reason =
      if case .output(let error) = error { ErrorText.reason(error) } else { "\(error)" }
    lines = ["digests of older days were not dropped: \(reason)"]
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
