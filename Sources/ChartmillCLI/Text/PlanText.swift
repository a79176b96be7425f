internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// A plan as text for people: the window, the memory line by line, the disk space, and the settings.
struct PlanText {
  /// How many names are shown for one day, and in one list.
  private static let maxNames = 3

  private let plan: JobPlan
  private let settings: [String: Manifest.Setting]

  init(_ plan: JobPlan, _ settings: [String: Manifest.Setting]) {
    self.plan = plan
    self.settings = settings
  }

  var text: String { [window, memory, disk, flags].joined(separator: "\n") }

  /// One line per flag: its value, and where that comes from.
  private var flags: String {
    let lines = Settings.flags.compactMap { flag in
      settings[flag.name].map { setting in
        (
          flag.spelling, SafeText(setting.value).description,
          setting.source == .variable ? flag.variable : setting.source.rawValue
        )
      }
    }
    let widths = [lines.map(\.0.count).max() ?? 0, lines.map(\.1.count).max() ?? 0]
    func column(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: width + 2 - text.count)
    }
    return item(
      "settings", lines.map { column($0, widths[0]) + column($1, widths[1]) + $2 })
  }

  private var window: String {
    let calendarDays = plan.days.count + plan.missing.count
    var lines = [
      "\(plan.first) to \(plan.last), \(plan.days.count) of \(counted(calendarDays, "day"))"
    ]
    let width = plan.days.map { ByteSize.text($0.byteCount).count }.max() ?? 0
    lines += plan.days.map { day in
      "\(day.day)  \(padded(ByteSize.text(day.byteCount), width))  \(names(day.logs.map(\.name)))"
        + (day.isKept ? "\(day.logs.isEmpty ? "" : ", ")kept rollup, not read" : "")
    }
    var text = item("window", lines)
    if !plan.missing.isEmpty { text += item("missing", [days(plan.missing)]) }
    let ignored =
      ([("outside the window", plan.outsideWindow)]
      + plan.overlooked.map { ($0.kind.rawValue, $0.names) }
      + [("not named like a log", plan.otherNames)])
      .filter { $0.1.count > 0 }.map { "\($0.1.text): \($0.0)" }
    if !ignored.isEmpty { text += item("ignored", ignored) }
    let logs = plan.days.filter { !$0.isKept }.flatMap(\.logs)
    if logs.isEmpty { return text + item("logs", ["none to read: each day has a kept rollup"]) }
    text += item(
      "logs",
      [
        "\(counted(logs.count, "file")), \(grouped(logs.count { $0.isGzip })) of them gzip, "
          + ByteSize.text(plan.byteCount)
      ])
    return text
      + item(
        "rows",
        [
          plan.byteCount == 0
            ? "none to roll up"
            : "about \(rounded(plan.rows)), estimated from the size of the logs"
        ])
  }

  private var memory: String {
    let memory = plan.memory
    let workers = counted(memory.workers, "worker")
    let sum: [(sign: String, bytes: Int, what: String)] = [
      ("", memory.budget, "--memory, \(ByteSize.text(memory.budget))"),
      ("-", memory.resident, "in use already: program and libraries"),
      ("-", memory.reserve, "reserve: heap, stacks, manifest"),
      ("-", memory.countryCharts, "charts of \(plan.countries) countries, top \(plan.top)"),
      ("-", memory.window, "facts about each day and log"),
      ("=", memory.forWorkers, "for \(workers), " + (memory.workers > 1 ? "each with" : "with")),
      ("", memory.workerFixed, "open log, gzip states, stack"),
      ("", memory.workerArena, "arena: rows and scratch space, then sorted runs and text"),
    ]
    let limits = self.limits
    let width = sum.map { grouped($0.bytes).count }.max() ?? 0
    var text = item(
      "memory",
      sum.enumerated().map { index, line in
        let sign = padded(line.sign, 1)
        // The last two lines are parts of the line above them.
        let indent = index < 6 ? "" : "  "
        return "\(sign) \(padded(grouped(line.bytes), width))  \(indent)\(line.what)"
      })
    if !limits.isEmpty { text += item("limits", limits) }
    if plan.segments > 0 {
      text += item(
        "rollup",
        [
          "about \(counted(plan.segments, "segment")), "
            + "each of at most \(grouped(memory.rowsPerSegment)) rows"
        ])
    }
    let isEnough = plan.sortedRuns <= memory.mergeFanIn
    return text
      + item(
        "merge",
        [
          "\(counted(memory.mergeFanIn, "sorted run")) of a partition at once, "
            + (isEnough ? "enough for one pass" : "so several passes are needed")
        ])
  }

  /// The limits of the container, and what of the flags exceeds them or the machine.
  private var limits: [String] {
    var lines: [String] = []
    let limits = ResourceLimits.current
    if let memory = limits.memory {
      lines.append("memory: \(ByteSize.text(memory.byteCount)), set by \(SafeText(memory.path))")
    }
    if let cores = limits.cores { lines.append("processor time: \(counted(cores, "core"))") }
    let available = availableCores()
    if plan.threads > available * Resources.maxThreadsPerCore {
      lines.append(
        "threads: this process may use only \(counted(available, "core")), far fewer than --threads"
      )
    }
    if plan.memory.workers < plan.threads {
      lines.append(
        "threads: only \(grouped(plan.memory.workers)) of \(grouped(plan.threads)) fit in --memory")
    }
    if let machine = plan.machineMemory, plan.memory.budget > machine {
      lines.append("memory: this machine has only \(ByteSize.text(machine)), less than --memory")
    }
    return lines
  }

  private var disk: String {
    var text = ""
    if plan.segments > 0 {
      text += item(
        "spill files",
        [
          "about \(ByteSize.text(plan.spillBytes)), "
            + "\(decimal(plan.spillBytesPerRow, 1)) bytes per row"
        ])
    }
    text += item("output", ["about \(ByteSize.text(plan.outputBytes))"])
    if plan.disks.isEmpty {
      return text + item("disk", ["not checked: add --out DIR, the folder for the charts"])
    }
    return text
      + item(
        "disk",
        plan.disks.map { disk in
          "\(disk.folders.map { SafeText($0).description }.joined(separator: ", ")): "
            + "\(disk.freeBytes.map { ByteSize.text($0) + " free" } ?? "free space unknown"), "
            + verdict(disk)
        })
  }

  private func verdict(_ disk: DiskNeed) -> String {
    let need = "about \(ByteSize.text(disk.bytes)) needed"
    if plan.spillLimit != nil { return "\(need): not checked because of --spill-limit" }
    return switch disk.verdict {
    case .fits: "\(need): fits"
    case .tight: "\(need): tight, because the estimate may be 25% too low"
    case .doesNotFit: "\(need): does not fit"
    case .unknown: need
    }
  }

  /// The first few names, and how many more there are.
  private func names(_ names: [String]) -> String {
    let shown = names.prefix(Self.maxNames).map { SafeText($0).description }
    let more = names.count - shown.count
    return shown.joined(separator: ", ") + (more > 0 ? " and \(grouped(more)) more" : "")
  }

  /// The value rounded to two significant digits.
  private func rounded(_ value: Int) -> String {
    var unit = 1
    while value / unit >= 100 { unit *= 10 }
    return grouped((value + unit / 2) / unit * unit)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func item(_ name: String, _ lines: [String]) -> String {
    let indent = 13
    return lines.enumerated().map { index, line in
      let left = index == 0 ? name : ""
      return left + String(repeating: " ", count: indent - left.count) + line + "\n"
    }.joined()
  }
}
