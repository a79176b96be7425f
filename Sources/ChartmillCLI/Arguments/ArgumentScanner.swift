@unsafe @preconcurrency internal import CLinux
@unsafe @preconcurrency internal import Glibc

/// Parses a command's arguments with getopt_long(3): `--name VALUE`, `--name=VALUE`, operands
/// anywhere, and `--` before operands that begin with a dash.
///
/// getopt_long keeps its state in globals, so only one scan may run at a time.
struct ArgumentScanner {
  private let arguments: ArgumentVector
  private let command: any ChartmillCommand.Type
  private let flags: [Flag]

  /// What getopt_long returns for the first flag; smaller codes are characters.
  private static let firstCode: Int32 = 256
  /// What it returns for an operand, because the short flags begin with a dash.
  private static let operandCode: Int32 = 1

  init(_ arguments: ArgumentVector, _ command: any ChartmillCommand.Type) {
    self.arguments = arguments
    self.command = command
    self.flags = command.allFlags
  }

  /// Nil if the arguments ask for help, wherever `--help` is.
  func scan() throws -> ParsedArguments? {
    let names = unsafe flags.map { unsafe strdup($0.name) }
    defer { for index in unsafe names.indices { unsafe free(names[index]) } }
    var table = unsafe zip(names, flags).enumerated().map { index, entry in
      unsafe option(
        name: UnsafePointer(entry.0),
        has_arg: entry.1.value == nil ? no_argument : required_argument,
        flag: nil, val: Self.firstCode + Int32(index))
    }
    unsafe table.append(option())
    let letters = flags.compactMap { flag in
      flag.short.map { String($0) + (flag.value == nil ? "" : ":") }
    }

    var parsed = ParsedArguments(command)
    opterr = 0
    optind = 0  // Restart the scan at the first argument after the program's name.
    let words = unsafe ArgumentVector(count: arguments.count - 1, pointers: arguments.pointers + 1)
    while true {
      let position = max(1, optind)
      let code = unsafe getopt_long(
        words.count, words.pointers, "-:" + letters.joined(), table, nil)
      if code == -1 { break }
      let word = unsafe words.pointers[Int(position)].map { unsafe String(cString: $0) } ?? ""
      if code == Self.operandCode {
        parsed.operands.append(word)
        continue
      }
      guard let flag = flag(code) else {
        // A colon means that a value is missing.
        if code == Int32(UInt8(ascii: ":")), let flag = self.flag(optopt) {
          throw missingValue(of: flag)
        }
        throw refused(word)
      }
      // getopt_long takes `--mem` for `--memory`; a script would break with the next flag.
      guard code < Self.firstCode || flag.spelling == word.prefix(while: { $0 != "=" }) else {
        throw unknown(word)
      }
      if flag.name == Flag.help.name { return nil }
      let value = unsafe optarg.map { unsafe String(cString: $0) }
      if let value, !word.contains("="), isFlag(value) { throw missingValue(of: flag) }
      if value != nil, !flag.isRepeatable, parsed.has(flag) {
        throw usageError("\(flag.spelling) was given twice", fix: "Use \(flag.synopsis) once.")
      }
      parsed.add(flag, value ?? "")
    }
    for index in Int(optind)..<max(Int(optind), Int(words.count)) {
      if let pointer = unsafe words.pointers[index] {
        unsafe parsed.operands.append(String(cString: pointer))
      }
    }
    if let operand = parsed.operands.first, command.operand == nil {
      let folder = [Flag.charts, .out, .state].first { parsed.takes($0) && !parsed.has($0) }
      throw parsed.usageError(
        "unexpected argument \(quoted(operand))",
        fix: folder.map { "Did you mean \($0.spelling) \(shellWord(operand))?" } ?? "Leave it out.")
    }
    return parsed
  }

  /// The flag that getopt_long means by a code or a letter.
  private func flag(_ code: Int32) -> Flag? {
    if code >= Self.firstCode { return flags[Int(code - Self.firstCode)] }
    return flags.first { $0.short?.asciiValue.map(Int32.init) == code }
  }

  /// Whether a word can only be meant as the next flag.
  private func isFlag(_ word: String) -> Bool {
    let spelling = String(word.prefix { $0 != "=" })
    return Flag.version.isSpelled(spelling) || !Commands.names(taking: spelling).isEmpty
  }

  private func missingValue(of flag: Flag) -> UsageError {
    usageError("\(flag.spelling) needs a value", fix: "Use \(flag.synopsis).")
  }

  private func refused(_ word: String) -> UsageError {
    guard optopt >= Self.firstCode, let flag = flag(optopt) else { return unknown(word) }
    return usageError(
      "\(flag.spelling) takes no value, but was given \(quoted(word))",
      fix: "Use \(flag.spelling).")
  }

  private func unknown(_ word: String) -> UsageError {
    let name = String(word.prefix { $0 != "=" })
    if Flag.version.isSpelled(name) {
      return usageError(
        "'\(command.name)' does not take \(name)", fix: "Use it alone: chartmill \(name).")
    }
    if unsafe access(word, F_OK) == 0 {
      return usageError(
        "unknown flag \(quoted(name))",
        fix: "To name the file, use \(shellWord("./" + word)).")
    }
    let takers = Commands.names(taking: name)
    if !takers.isEmpty, !Suggestion.isOtherName(name, ofOneOf: flags) {
      let near = flags.map(\.spelling).first { $0 == name + "s" || $0 + "s" == name }
      return usageError(
        "'\(command.name)' does not take \(name)" + (near.map { "; did you mean '\($0)'?" } ?? ""),
        fix: "\(name) is a flag of \(list(takers)).")
    }
    let near = Suggestion.nearest(toFlag: name, among: flags)
    return usageError(
      "unknown flag \(quoted(name))" + (near.map { "; did you mean '\($0)'?" } ?? ""),
      fix: near == nil && name.count == 2
        ? "Flags are whole words, for example --quiet; only -h is short." : nil)
  }

  /// `'show' and 'compare'`.
  private func list(_ names: [String]) -> String {
    let quoted = names.map { "'\($0)'" }
    let last = quoted.last ?? ""
    return quoted.count < 2 ? last : quoted.dropLast().joined(separator: ", ") + " and " + last
  }

  private func usageError(_ problem: String, fix: String?) -> UsageError {
    UsageError(problem: problem, fix: fix, command: command.name)
  }
}
