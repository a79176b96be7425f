internal import ChartmillCore

/// `chartmill chart`: frames from standard input, lines or frames to standard output.
struct PartitionCommand {
  private let job: PartitionJob
  private let homes: String?
  private let counts: String?

  init(_ flags: RawFlags) throws {
    let options = try RunOptions(flags, outputFolder: nil, readsLogs: false)
    let partitions = 0...(options.job.partitions - 1)
    guard let partition = try flags.integer(.partition, in: partitions) else {
      throw flags.usageError(
        "--partition K is missing", fix: "Write a number from 0 to \(partitions.upperBound).")
    }
    let records = try flags.choice(.records, PartitionJob.Records.self) ?? .users
    for flag in [Flag.homes, .counts] where records == .countries && flags.has(flag) {
      throw flags.usageError(
        "\(flag.spelling) is of users; of countries all goes to standard output",
        fix: "Leave it out.")
    }
    homes = try flags.path(.homes)
    counts = try flags.path(.counts)
    job = PartitionJob(options.job, partition: partition, records: records)
  }

  func perform() throws {
    try job.run(homes: homes, counts: counts)
  }
}
