@preconcurrency internal import CLinux
@preconcurrency internal import Glibc

/// Takes a command's arguments apart with getopt_long(3): `--name VALUE`, `--name=VALUE`, operands
/// anywhere, `--` before operands that begin with a dash.
///
/// getopt_long keeps its state in globals: one scan at a time.
struct ArgumentScanner {
  private let arguments: ArgumentVector
  private let command: Command
  private let flags: [Flag]

  /// What getopt_long returns for the first flag; below are characters.
  private static let firstCode: Int32 = 256
  /// What it returns for an operand, since the short flags begin with a dash.
  private static let operandCode: Int32 = 1

  init(_ arguments: ArgumentVector, _ command: Command) {
    self.arguments = arguments
    self.command = command
    self.flags = Flag.flags(of: command)
  }

  /// Nil when help is asked for, wherever it stands.
  func scan() throws -> RawFlags? {
    let names = flags.map { strdup($0.rawValue) }
    defer { for name in names { free(name) } }
    var table = zip(names, flags).enumerated().map { index, entry in
      option(
        name: UnsafePointer(entry.0),
        has_arg: entry.1.takesValue(in: command) ? required_argument : no_argument,
        flag: nil, val: Self.firstCode + Int32(index))
    }
    table.append(option())

    var raw = RawFlags(command)
    opterr = 0
    optind = 0  // Begin anew; the vector's first word is passed over.
    let words = ArgumentVector(count: arguments.count - 1, pointers: arguments.pointers + 1)
    while true {
      let position = max(1, optind)
      let code = getopt_long(words.count, words.pointers, "-:h", table, nil)
      if code == -1 { break }
      let word = words.pointers[Int(position)].map { String(cString: $0) } ?? ""
      switch code {
      case Self.operandCode: raw.operands.append(word)
      case Int32(UInt8(ascii: "h")): return nil
      case Int32(UInt8(ascii: ":")):
        throw missingValue(of: flag(optopt))
      case Int32(UInt8(ascii: "?")):
        throw refused(word)
      default:
        let flag = flag(code)
        // getopt_long takes `--mem` for `--memory`; a script would break with the next flag.
        guard flag.spelling == word.prefix(while: { $0 != "=" }) else { throw unknown(word) }
        if flag == .help { return nil }
        let value = optarg.map { String(cString: $0) }
        if let value, !word.contains("="), isFlag(value) { throw missingValue(of: flag) }
        raw.values[flag, default: []].append(value ?? "")
      }
    }
    for index in Int(optind)..<max(Int(optind), Int(words.count)) {
      if let pointer = words.pointers[index] { raw.operands.append(String(cString: pointer)) }
    }
    if let operand = raw.operands.first, command.operand == nil {
      throw raw.usageError(
        "'\(command.rawValue)' takes no files, but was given \(quoted(operand))",
        fix: "Leave it out, or put its flag before it.")
    }
    return raw
  }

  private func flag(_ code: Int32) -> Flag {
    flags[Int(code - Self.firstCode)]
  }

  /// A word that could only be meant as the next flag.
  private func isFlag(_ word: String) -> Bool {
    Flag.allCases.contains { $0.spelling == word.prefix { $0 != "=" } }
  }

  private func missingValue(of flag: Flag) -> UsageError {
    let synopsis = flag.use(in: command).map(flag.synopsis) ?? flag.spelling
    return UsageError(
      problem: "\(flag.spelling) needs a value", fix: "Write \(synopsis).", command: command)
  }

  private func refused(_ word: String) -> UsageError {
    if optopt >= Self.firstCode {
      let flag = flag(optopt)
      return UsageError(
        problem: "\(flag.spelling) takes no value, but was given \(quoted(word))",
        fix: "Write \(flag.spelling).", command: command)
    }
    return unknown(word)
  }

  private func unknown(_ word: String) -> UsageError {
    let name = String(word.prefix { $0 != "=" })
    if let flag = Flag.allCases.first(where: { $0.spelling == name }) {
      let takers = Command.allCases.filter { flag.use(in: $0) != nil }.map { "'\($0.rawValue)'" }
      return UsageError(
        problem: "'\(command.rawValue)' does not take \(name)",
        fix: takers.isEmpty
          ? "It stands alone: chartmill \(name)."
          : "It belongs to \(takers.joined(separator: ", ")).",
        command: command)
    }
    if let near = Suggestion.nearest(to: name, among: flags.map(\.spelling)) {
      return UsageError(
        problem: "unknown flag \(quoted(name)); did you mean '\(near)'?",
        fix: "A file whose name begins with a dash comes after '--'.", command: command)
    }
    return UsageError(
      problem: "unknown flag \(quoted(name))",
      fix: "A file whose name begins with a dash comes after '--'.", command: command)
  }
}
