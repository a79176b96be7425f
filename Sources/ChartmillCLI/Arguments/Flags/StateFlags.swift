internal import ChartmillModel
internal import ChartmillSystem

extension Flag {
  static let state = Flag("state", .folder, in: .state, "Folder of the kept rollups.")
  static let keepDays = Flag(
    "keep-days", .number(), in: .state, "Drop rollups older than N days. Default: keep all.")
  static let wait = Flag("wait", in: .other, "Wait for a folder in use, instead of failing.")
}

extension ParsedArguments {
  /// Nil if no rollups are kept.
  func state() throws -> StateOptions? {
    let folder = try path(.state)
    let keepDays = try keepDays()
    return folder.map { StateOptions(folder: $0, keepDays: keepDays) }
  }

  func keepDays() throws -> Int? {
    try integer(.keepDays, in: WindowRules.daysRange)
  }
}
