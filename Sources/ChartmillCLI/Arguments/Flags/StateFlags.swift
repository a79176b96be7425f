internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let state = Flag("state", .folder, in: .state, "Folder of kept rollups.")
  static let keepDays = Flag(
    "keep-days", .number(), in: .state, "Keep rollups of the last N days only. Default: all.")
  static let wait = Flag("wait", in: .other, "Wait for a folder in use. Default: fail.")
}

extension ParsedArguments {
  /// Nil if no rollups are kept.
  func state() throws -> StateOptions? {
    let folder = try path(.state)
    let keepDays = try keepDays()
    if folder == nil, keepDays != nil {
      throw usageError(
        "--keep-days has no effect without --state",
        fix: "Add --state DIR, the folder of kept rollups, or leave out --keep-days.")
    }
    return folder.map { StateOptions(folder: $0, keepDays: keepDays) }
  }

  func keepDays() throws -> Int? {
    try integer(.keepDays, in: WindowRules.daysRange)
  }
}
