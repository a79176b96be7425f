internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension Flag {
  static let memory = Flag(
    "memory", .size, in: .resources,
    "Memory limit, 32MiB or more. Default: up to 256MiB.")
  static let threads = Flag(
    "threads", .number(example: 2), in: .resources,
    "Worker threads. Default: one per available core.")
  static let partitions = Flag(
    "partitions", .number(example: 64), in: .resources,
    "Power of two; sets the order of users. Default: 64.")
  static let spillDir = Flag(
    "spill-dir", .folder, in: .resources, "Folder for spill (temporary) files. Default: --out.")
  static let spillLimit = Flag(
    "spill-limit", .size, in: .resources,
    "Maximum size of spill files; skips the disk check.")
}

extension FlagGroup {
  /// The flags that set the memory, cores and disk space of a job.
  static let resources: [Flag] = [.memory, .threads, .partitions, .spillDir, .spillLimit]
}

extension ParsedArguments {
  func resources() throws -> Resources {
    Resources(
      memory: try memory(), threads: try threads(), partitions: try partitions(),
      spills: try spills())
  }

  func threads() throws -> Int {
    try integer(.threads, in: Resources.threadsRange) ?? availableCores()
  }

  func partitions() throws -> Int {
    try powerOfTwo(.partitions, in: Resources.partitionsRange) ?? Resources.defaultPartitions
  }

  func spills() throws -> SpillOptions {
    SpillOptions(folder: try path(.spillDir), limit: try size(.spillLimit))
  }

  /// The size that was asked for, or a default within the limit of the process.
  func memory(_ limits: ResourceLimits = .current) throws -> Int {
    let asked = try size(.memory)
    let bytes = asked ?? limits.defaultMemory
    let minimum = Resources.minMemory
    if let limit = limits.memory, bytes > limit.byteCount {
      throw usageError(
        "--memory \(ByteSize.text(bytes)) is more than the \(ByteSize.text(limit.byteCount)) "
          + "that \(SafeText(limit.path)) gives this process",
        fix: asked != nil && limits.defaultMemory <= limit.byteCount
          ? "Use --memory \(ByteSize.text(limits.defaultMemory)) or less, or raise that limit."
          : "Raise that limit to at least \(ByteSize.text(minimum)).")
    }
    guard bytes >= minimum else {
      let text = text(.memory) ?? ""
      let unit = Int(digits: text) == nil ? "" : " means \(counted(bytes, "byte")), which"
      throw usageError(
        "--memory \(quoted(text))\(unit) is below the minimum of \(ByteSize.text(minimum))",
        fix: "Use --memory \(ByteSize.text(minimum)) or more: \(whyMinimumMemory).")
    }
    return bytes
  }
}
