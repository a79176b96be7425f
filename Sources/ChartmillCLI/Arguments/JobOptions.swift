internal import ChartmillCore

/// The flags of `run`, `plan`, `digest`, `backfill` and of the commands for engines, resolved.
struct RunOptions {
  var job: JobConfiguration
  let isQuiet: Bool
  let showsStatistics: Bool
  /// Of standard error.
  let palette: Palette

  /// - Parameters:
  ///   - outputFolder: nil for a command that writes no charts.
  ///   - readsLogs: false for a command that finds its input elsewhere.
  init(_ flags: RawFlags, outputFolder: String?, readsLogs: Bool = true) throws {
    isQuiet = flags.has(.quiet)
    showsStatistics = flags.has(.stats)
    palette = .standardError(try flags.color())
    var job = JobConfiguration(
      source: try readsLogs ? Self.source(flags) : .files([]),
      outputFolder: outputFolder ?? "",
      threads: try flags.integer(.threads, in: JobConfiguration.threadsRange)
        ?? availableCores(),
      countries: try Self.countries(flags))
    job.date = try flags.day(.date)
    job.today = Day.today()
    job.days = try flags.integer(.days, in: JobConfiguration.daysRange) ?? job.days
    job.top = try flags.integer(.top, in: JobConfiguration.topRange) ?? job.top
    job.memory = try Self.memory(flags)
    job.partitions =
      try flags.powerOfTwo(.partitions, in: JobConfiguration.partitionsRange) ?? job.partitions
    job.spillFolder = try flags.path(.spillDir)
    job.maxBadRows = try flags.share(.maxBadRows) ?? job.maxBadRows
    job.rejectsFile = try Self.rejectsFile(flags)
    job.repair = flags.has(.repair)
    job.requireAllDays = flags.has(.requireAllDays)
    job.allowsMissingLastDay = flags.has(.allowMissingLastDay)
    job.encoding.format = try flags.choice(.format, ChartFormat.self) ?? job.encoding.format
    job.encoding.compresses = flags.has(.compress)
    job.writesEachCountry = flags.has(.perCountry)
    job.stateFolder = try flags.path(.state)
    job.keepDays = try flags.integer(.keepDays, in: JobConfiguration.daysRange)
    job.waitsForLock = flags.has(.wait)
    job.spillLimit = try flags.size(.spillLimit)
    self.job = job
  }

  private static func rejectsFile(_ flags: RawFlags) throws -> String? {
    guard let path = try flags.path(.rejects) else { return nil }
    guard path.hasSuffix(".gz") else {
      throw flags.usageError(
        "--rejects \(quoted(path)) does not end in .gz, and the file is gzip",
        fix: "Write --rejects \(SafeText(path)).gz.")
    }
    return path
  }

  static func source(_ flags: RawFlags) throws -> LogSource {
    let folder = try flags.path(.logs)
    if flags.operands.contains("-") {
      if flags.command == .check, folder == nil { return .files(flags.operands) }
      guard flags.command == .digest, flags.operands.count == 1, let name = try flags.path(.name)
      else {
        throw flags.usageError(
          "'\(flags.command.rawValue)' does not read standard input",
          fix: "Digest it first: chartmill digest - --name listen-YYYYMMDD.log --state DIR.")
      }
      if folder == nil { return .standardInput(name: name) }
    }
    switch (folder, flags.operands.first) {
    case (let folder?, nil): return .folder(folder)
    case (nil, _?): return .files(flags.operands)
    case (_?, let file?):
      throw flags.usageError(
        "both --logs and files were given (\(quoted(file)) ...)",
        fix: "Give a folder with --logs, or name the files, not both.")
    case (nil, nil) where flags.command == .run && flags.has(.state):
      return .keptDays
    case (nil, nil):
      throw flags.usageError("no logs were given", fix: "Write --logs DIR, or name the files.")
    }
  }

  /// What was asked for, else a default that the limit of the process has room for.
  ///
  /// A command without the flag takes the default, which it does not use.
  static func memory(
    _ flags: RawFlags, _ limits: ResourceLimits = .current
  ) throws -> Int {
    let asked = try flags.size(.memory)
    let bytes = asked ?? limits.defaultMemory
    if let limit = limits.memory, bytes > limit.byteCount,
      Flag.memory.use(in: flags.command) != nil
    {
      throw flags.usageError(
        "--memory \(ByteSize.text(bytes)) is more than the \(ByteSize.text(limit.byteCount)) "
          + "that \(SafeText(limit.path)) gives this process",
        fix: asked != nil && limits.defaultMemory <= limit.byteCount
          ? "Write --memory \(ByteSize.text(limits.defaultMemory)) or less, or raise that limit."
          : "Raise that limit: a run needs \(ByteSize.text(JobConfiguration.leastMemory)) at least."
      )
    }
    let least = JobConfiguration.leastMemory
    guard bytes >= least else {
      throw flags.usageError(
        "--memory \(quoted(flags.text(.memory) ?? "")) is below \(ByteSize.text(least)): "
          + whyLeastMemory,
        fix: "Write --memory \(ByteSize.text(least)) or more.")
    }
    return bytes
  }

  static func countries(_ flags: RawFlags) throws -> CountryList {
    var list = CountryList.iso3166
    if let path = try flags.path(.countries) {
      list = try CountryList(contentsOf: path)
    }
    for code in try flags.countries(.allowCountry) {
      guard let longer = list.adding(code.description) else {
        throw flags.usageError(
          "--allow-country '\(code)': the list of countries is full",
          fix: "Leave codes out of it with --countries FILE.")
      }
      list = longer
    }
    return list
  }
}
