extension Flag {
  static let json = Flag("json", in: .output, "Print one JSON object.")
  static let dryRun = Flag("dry-run", in: .other, "Only show what would be done.")
  static let quiet = Flag("quiet", in: .other, "Print only warnings and errors.")
  static let color = Flag(
    "color", .word("WHEN", of: ColorChoice.allCases.map(\.rawValue)), in: .other,
    "Use color: auto, always or never. Default: auto.")
  static let help = Flag("help", short: "h", in: .other, "Show this help.")
  /// Takes the place of a command.
  static let version = Flag("version", short: "V", in: .other, "Show the version.")
}

extension ParsedArguments {
  func color() throws -> ColorChoice {
    try choice(.color, ColorChoice.self) ?? .auto
  }
}
