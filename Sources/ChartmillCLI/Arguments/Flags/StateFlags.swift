internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let state = Flag("state", .folder, in: .state, "Folder of the kept digests.")
  static let keepDays = Flag(
    "keep-days", .number(), in: .state, "Drop digests older than N days. Default: keep all.")
  static let wait = Flag("wait", in: .other, "Wait for a folder in use, instead of failing.")
}

extension ParsedArguments {
  func setState(of job: inout JobConfiguration) throws {
    job.stateFolder = try path(.state)
    job.keepDays = try integer(.keepDays, in: JobConfiguration.daysRange)
    job.waitsForLock = has(.wait)
  }
}
