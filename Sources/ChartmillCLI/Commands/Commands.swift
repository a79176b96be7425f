/// All commands. This list and a command's own file are the only places that name it.
enum Commands {
  /// In the order of help.
  static let all: [any ChartmillCommand.Type] = [
    RunCommand.self, PlanCommand.self, BackfillCommand.self, RollupCommand.self,
    StateCommand.self,
    ShowCommand.self, ExportCommand.self, CompareCommand.self, ReportCommand.self,
    VerifyCommand.self, CheckCommand.self,
    ChartCommand.self, AssembleCommand.self,
    CompletionsCommand.self, ManualCommand.self, SynthCommand.self,
  ]

  static var names: [String] { all.map { $0.name } }

  static func named(_ name: String) -> (any ChartmillCommand.Type)? {
    all.first { $0.name == name }
  }

  /// The names of the commands that take a flag with that spelling.
  static func names(taking spelling: String) -> [String] {
    all.filter { command in command.allFlags.contains { $0.spelling == spelling } }.map { $0.name }
  }
}
