/// A command: what help says about it, the flags that it takes, and its work.
///
/// A new command is a type in its own file and an entry in `Commands.all`.
protocol ChartmillCommand: SendableMetatype {
  /// The word after `chartmill`.
  static var name: String { get }
  static var group: CommandGroup { get }
  /// One line of the list of commands.
  static var summary: String { get }
  /// The forms of the command that the list of commands shows in other groups.
  static var otherForms: [CommandForm] { get }
  /// What follows `chartmill` on a command line, one entry per form.
  static var usage: [String] { get }
  static var description: String { get }
  /// The kind of the words that belong to no flag; nil if there are none.
  static var operand: ArgumentKind? { get }
  /// The bound of the process's memory, as a sentence without its subject.
  static var memory: String { get }
  /// Command lines without `chartmill`.
  static var examples: [String] { get }
  /// All flags but `--help`, in the order of help.
  static var flags: [Flag] { get }
  /// What remains after a failure, as a clause; nil if the command changes nothing.
  static var leftByFailure: String? { get }
  /// Whether the files that it reads are published charts.
  static var readsCharts: Bool { get }
  /// Whether environment variables set its flags; see `Settings`.
  static var readsSettings: Bool { get }

  init(_ arguments: ParsedArguments) throws
  func perform() throws
}

extension ChartmillCommand {
  static var otherForms: [CommandForm] { [] }
  static var operand: ArgumentKind? { nil }
  static var leftByFailure: String? { nil }
  static var readsCharts: Bool { false }
  static var readsSettings: Bool { false }

  static var allFlags: [Flag] { flags + [.help] }

  /// The flag with that name, as this command explains it.
  static func flag(named name: String) -> Flag? { allFlags.first { $0.name == name } }
}

/// The headings of the list of commands, in order.
enum CommandGroup: String, CaseIterable {
  case everyDay = "Every day"
  case results = "Look at logs and charts"
  case manyMachines = "Many machines"
  case shellAndSamples = "Shell and samples"
}

/// A command with a flag that changes its purpose.
struct CommandForm: Sendable {
  let group: CommandGroup
  let name: String
  let summary: String
}
