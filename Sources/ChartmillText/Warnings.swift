package import ChartmillModel
package import ChartmillSystem

/// The warnings of a command, one per line and safe to show. `--quiet` does not hide them.
package struct Warnings {
  /// The maximum number of missing countries that a warning names.
  private static let maxCountries = 10

  package private(set) var lines: [String] = []
  private var dates = DateStyle.digits

  package init(_ manifest: Manifest, dates: DateStyle = .digits) {
    self.init(overlooked: manifest.run.overlooked)
    self.dates = dates
    let (missing, count) = (manifest.window.missing, manifest.window.days)
    addDays(
      missing: missing, charts: ": the charts cover \(count - missing.count) of \(count) days"
    ) { manifest.window.withoutRows.contains($0) }
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
    add(manifest.run.notices)
    add(manifest.run.changes)
  }

  package init(overlooked: [OverlookedNames]) {
    lines = overlooked.map(\.text)
  }

  /// Adds a line per notice. Archived logs are normal, so they get no warning. The summary counts
  /// them.
  package mutating func add(_ notices: [RollupNotice]) {
    for notice in notices where notice.kind != .logGone {
      lines.append("\(dates.text(notice.day)): \(notice.kind.rawValue)")
    }
  }

  /// Adds a line for days that contribute no rows. Those that have a log hold no accepted row.
  package mutating func addDays(missing: [Day], charts: String = "", haveLog: (Day) -> Bool) {
    let without = missing.filter { !haveLog($0) }
    let empty = missing.filter(haveLog)
    let parts =
      (without.isEmpty ? [] : ["no log for \(days(without, dates))"])
      + (empty.isEmpty ? [] : ["no accepted rows in the log for \(days(empty, dates))"])
    if !parts.isEmpty { lines.append(parts.joined(separator: ", ") + charts) }
  }

  /// Warns about features of the system that the process continued without.
  package init(_ notices: [SystemNotice]) {
    lines = notices.map { notice in
      switch notice {
      case .notSynchronized(let error):
        "\(SafeText(error.path)): the file system does not support fsync; after a power failure, "
          + "check the charts with 'chartmill verify'"
      case .notLocked(let error):
        "\(SafeText(error.path)): the file system does not support locks; make sure that no other "
          + "process writes in that folder"
      case .unknownFreeSpace(let folder):
        "\(SafeText(folder)): the file system does not report its free space, so it was not checked"
      case .spillsInMemory(let folder):
        "\(SafeText(folder)): this folder is in memory, so spill files use memory in addition to "
          + "--memory; name a folder on a disk with --spill-dir"
      }
    }
  }

  /// Warns if `--memory` exceeds the memory of the machine, or `--threads` exceeds its cores by far.
  package init(_ resources: Resources) {
    if let machine = ProcessMemory.ofMachine, resources.memory > machine {
      lines.append(
        "--memory \(ByteSize.text(resources.memory)) is more than the \(ByteSize.text(machine)) "
          + "that this machine has")
    }
    let cores = availableCores()
    if resources.threads > cores * Resources.maxThreadsPerCore {
      lines.append(
        "--threads \(resources.threads) is far more than the \(counted(cores, "core")) that this "
          + "process may use: each thread gets a smaller part of --memory, and none is faster")
    }
  }

  /// No warnings.
  package init() {}

  package init(_ line: String) {
    lines = [line]
  }

  package mutating func add(_ other: Warnings) {
    lines += other.lines
  }

  /// All missing countries share one line, because there may be many.
  private mutating func add(_ changes: [SuddenChange]) {
    for change in changes {
      let day = dates.text(change.day)
      switch change.kind {
      case .fewerRows:
        lines.append(
          "\(day): only \(counted(change.found, "row")); \(usual(change))")
      case .moreBadRows:
        lines.append(
          "\(day): \(counted(change.found, "bad row")); \(usual(change))")
      case .moreRows:
        lines.append(
          "\(day): \(counted(change.found, "row")); \(usual(change)). Was a log delivered twice?")
      case .countryGone: continue
      }
    }
    let gone = changes.filter { $0.kind == .countryGone }
    if let day = gone.first?.day {
      let shown = gone.prefix(Self.maxCountries).map {
        "\(name(ofCountry: $0.country ?? "")) (usually \(grouped($0.usual)) per day)"
      }
      let more = gone.count - shown.count
      lines.append(
        "\(dates.text(day)): no streams from \(shown.joined(separator: ", "))"
          + (more > 0 ? " and \(more) other\(more == 1 ? "" : "s")" : ""))
    }
  }

  /// The code, or the name and the code where dates are in words, too. The code is from a manifest.
  private func name(ofCountry code: String) -> String {
    let label = dates == .words ? CountryCode(code)?.label : nil
    return label ?? SafeText(code).description
  }

  private func usual(_ change: SuddenChange) -> String {
    "the median of the previous days is \(grouped(change.usual))"
  }
}

extension OverlookedNames {
  /// What is wrong with the names, and what to do.
  package var text: String {
    let names = self.names.text
    let count = self.names.count
    switch kind {
    case .future:
      return count == 1
        ? "1 log is dated more than a day ahead of the clock and was not read: \(names). "
          + "Rename or remove it, or chart it with --date"
        : "\(grouped(count)) logs are dated more than a day ahead of the clock and were not read: "
          + "\(names). Rename or remove them, or chart them with --date"
    case .nearMiss:
      return count == 1
        ? "1 file was not read because its name is close to, but not, "
          + "listen-YYYYMMDD[-PART].log[.gz]: \(names). Rename it if it is a log"
        : "\(grouped(count)) files were not read because their names are close to, but not, "
          + "listen-YYYYMMDD[-PART].log[.gz]: \(names). Rename those that are logs"
    }
  }
}

extension NameExamples {
  /// The first few names, and how many more there are.
  package var text: String {
    let more = count - examples.count
    return examples.joined(separator: ", ") + (more > 0 ? " and \(grouped(more)) more" : "")
  }
}

/// The first few days by name, and how many more there are.
package func days(_ days: [Day], _ dates: DateStyle = .digits) -> String {
  let shown = 10
  let names = days.prefix(shown).map(dates.text).joined(separator: ", ")
  let more = days.count - shown
  return more > 0 ? "\(names) and \(grouped(more)) more day\(more == 1 ? "" : "s")" : names
}
