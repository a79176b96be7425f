internal import ChartmillModel
internal import ChartmillText

/// Settings: the values of the flags of `run`, which may also come from environment variables.
///
/// `--keep-days 8` is the same as `CHARTMILL_KEEP_DAYS=8`. A flag wins over its variable, and a
/// variable that is empty counts as not set. Only commands with `readsSettings` read variables.
enum Settings {
  static let prefix = "CHARTMILL_"

  /// All flags that have a variable.
  static let flags = RunCommand.flags

  /// Variables with the same prefix that only the tests and scripts of this project read.
  private static let variablesOfTests: Set<String> = [
    "CHARTMILL_BINARY", "CHARTMILL_CODEC", "CHARTMILL_SLOW",
  ]

  /// The variables that look like settings but are none, sorted.
  static func unknown(in variables: some Collection<String>) -> [String] {
    let known = Set(flags.map(\.variable)).union(variablesOfTests)
    return variables.filter { !known.contains($0) }.sorted()
  }
}

extension ParsedArguments {
  /// Adds the flags that were not given and that have a variable.
  ///
  /// - Throws: `UsageError` if the variable of a flag without a value is neither yes nor no.
  mutating func takeSettings(from variables: [String: String]) throws {
    guard command.readsSettings else { return }
    unknownVariables = Settings.unknown(in: variables.keys)
    for flag in Settings.flags where takes(flag) && !has(flag) {
      guard let text = variables[flag.variable], !text.isEmpty else { continue }
      // Files that are named take the place of a folder of logs.
      if flag.name == Flag.logs.name, !operands.isEmpty { continue }
      if flag.value == nil {
        switch text.lowercased() {
        case "1", "yes", "true": add(flag, fromVariable: [""])
        case "0", "no", "false": continue
        default:
          throw usageError(
            "\(flag.variable) \(quoted(text)) is neither yes nor no",
            fix: "Use \(flag.variable)=yes or \(flag.variable)=no.")
        }
      } else if flag.isRepeatable {
        add(flag, fromVariable: text.split { ", ".contains($0) }.map(String.init))
      } else {
        add(flag, fromVariable: [text])
      }
    }
  }

  /// Which flags that a text names have their values from variables; a sentence for each.
  func origins(ofFlagsIn text: String) -> [String] {
    Settings.flags.filter { namesFromVariables.contains($0.name) && text.contains($0.spelling) }
      .map { "\($0.spelling) comes from the variable \($0.variable)." }
  }

  /// The values of all settings of the command and where they come from.
  ///
  /// - Throws: `UsageError` for a value that is not valid.
  func settings() throws -> [String: Manifest.Setting] {
    var settings: [String: Manifest.Setting] = [:]
    for flag in Settings.flags where takes(flag) {
      let isNamed = flag.name == Flag.logs.name && !operands.isEmpty
      settings[flag.name] = Manifest.Setting(
        value: try value(of: flag),
        source: namesFromVariables.contains(flag.name)
          ? .variable : has(flag) || isNamed ? .flag : .default)
    }
    return settings
  }

  /// The value that the command uses, in words.
  private func value(of flag: Flag) throws -> String {
    switch flag.name {
    case Flag.logs.name where !operands.isEmpty: counted(operands.count, "file")
    case Flag.date.name: try day(.date)?.description ?? "newest"
    case Flag.days.name: String(try windowRules().days)
    case Flag.format.name: try charts().encoding.format.rawValue
    case Flag.top.name: String(try charts().top)
    case Flag.maxBadRows.name: try maxBadRows().description
    case Flag.countries.name: text(flag) ?? "ISO 3166-1"
    case Flag.memory.name: ByteSize.text(try memory())
    case Flag.threads.name: String(try threads())
    case Flag.partitions.name: String(try partitions())
    case Flag.spillDir.name: text(flag) ?? text(.out) ?? text(.state) ?? "none"
    case Flag.color.name: try color().rawValue
    default:
      flag.value == nil
        ? has(flag) ? "yes" : "no" : has(flag) ? texts(flag).joined(separator: ", ") : "none"
    }
  }
}
