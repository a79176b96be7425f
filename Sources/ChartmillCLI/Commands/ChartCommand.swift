internal import ChartmillDistributed
internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  fileprivate static let partition = Flag(
    "partition", .number("K", example: 3), in: .input, "Number of the partition; the first is 0.")
  fileprivate static let records = Flag(
    "records", .word("KIND", of: PartitionJob.Records.allCases.map(\.rawValue)), in: .input,
    "What to chart: users or countries. Default: users.")
  static let userCountries = Flag(
    "user-countries", .file, in: .output, "Write each user's country to FILE, which may be a pipe.")
  static let counts = Flag(
    "counts", .file, in: .output,
    "Write the counts for 'assemble' to FILE, which may be a pipe.")
  static let chartsName = Flag(
    "charts-name", .text("PATH"), in: .output,
    "Path of the file of charts for the manifest, which keeps the parts.")
  static let userCountriesName = Flag(
    "user-countries-name", .text("PATH"), in: .output,
    "Path of the file of user countries for the manifest.")
}

extension ParsedArguments {
  /// The names that a manifest gives the files of users.
  func userFileNames() throws -> UserFileNames {
    UserFileNames(
      charts: try manifestPath(.chartsName), userCountries: try manifestPath(.userCountriesName))
  }

  /// A path relative to the folder of a manifest.
  func manifestPath(_ flag: Flag) throws -> String? {
    guard let path = try path(flag) else { return nil }
    guard Manifest.Output.isFile(path) else {
      throw usageError(
        "\(flag.spelling) \(quoted(path)) is not a path below the folder of the manifest",
        fix: "For example: \(flag.spelling) parts/users-0001.txt, with at most "
          + "\(Manifest.Output.maxFileBytes) bytes.")
    }
    return path
  }
}

/// `chartmill chart`: frames from standard input, lines or frames to standard output.
struct ChartCommand: ChartmillCommand {
  static let name = "chart"
  static let group = CommandGroup.manyMachines
  static let summary = "make the charts of one partition from the frames of all logs"
  static let usage = [
    "chart --partition K [FLAGS] < FRAMES > LINES",
    "chart --partition K --records countries < FRAMES > COUNTS",
  ]
  static let description = """
    Reads the user frames or the country frames of one partition, from all logs and in any order, \
    from standard input. For users, writes chart lines; the outputs of all partitions, \
    concatenated in partition order, are the file that 'run' writes. For countries, writes counts \
    for 'assemble'.
    """
  static let memory = RunCommand.memory
  static let examples = [
    "chart --partition 3 --user-countries countries --counts counts < frames > lines"
  ]
  static let flags: [Flag] =
    [
      .partition, .records, .format, .compress, .top, .userCountries, .counts, .chartsName,
      .userCountriesName,
    ]
    + FlagGroup.countryCodes
    + [
      .memory, .partitions,
      .spillDir.explained("Folder for spill (temporary) files. Default: the current folder."),
    ]
    + [.spillLimit, .color]

  private let job: PartitionJob
  private let userCountries: String?
  private let counts: String?
  private let names: UserFileNames

  init(_ arguments: ParsedArguments) throws {
    // This command colors no text of its own, but it still checks the value.
    _ = try arguments.color()
    let charts = try arguments.charts()
    let countries = try arguments.countryList()
    let memory = try arguments.memory()
    let partitions = try arguments.partitions()
    let spills = try arguments.spills()
    guard let partition = try arguments.integer(.partition, in: 0...(partitions - 1)) else {
      throw arguments.usageError(
        "--partition K is required",
        fix: "Use --partition and a number from 0 to \(partitions - 1).")
    }
    let records = try arguments.choice(.records, PartitionJob.Records.self) ?? .users
    let userFlags = [Flag.userCountries, .counts, .chartsName, .userCountriesName]
    for flag in userFlags where records == .countries && arguments.has(flag) {
      throw arguments.usageError(
        "\(flag.spelling) is only for --records users",
        fix: "Leave it out: with --records countries, the counts go to standard output.")
    }
    userCountries = try arguments.path(.userCountries)
    counts = try arguments.path(.counts)
    names = try arguments.userFileNames()
    job = PartitionJob(
      partition: partition, of: partitions, records: records, charts: charts,
      countries: countries, memory: memory, spills: spills)
  }

  func perform() throws {
    try job.run(userCountries: userCountries, counts: counts, names: names)
  }
}
