internal import ChartmillModel
internal import ChartmillText

/// The values of flags. Text that is not a valid value is a usage error that shows what to write.
extension ParsedArguments {
  func integer(_ flag: Flag, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let value = Int(digits: text), range.contains(value) else {
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)",
        fix: "For example: \(flag.spelling) \(flag.example(in: range)).")
    }
    return value
  }

  func powerOfTwo(_ flag: Flag, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let value = Int(digits: text), range.contains(value), value & (value - 1) == 0 else {
      let nearest =
        Int(digits: text).map { Self.powerOfTwo(near: $0, in: range) }
        ?? flag.example(in: range)
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a power of two from \(range.lowerBound) to "
          + "\(range.upperBound)",
        fix: "For example: \(flag.spelling) \(nearest).")
    }
    return value
  }

  /// - Parameter takesWords: whether `today` and `yesterday` are dates.
  func day(_ flag: Flag, takesWords: Bool = true) throws -> Day? {
    try text(flag).map { try day($0, after: "\(flag.spelling) ", takesWords) }
  }

  /// - Precondition: there are more than `index` operands.
  func day(operand index: Int) throws -> Day {
    try day(operands[index], after: "", true)
  }

  private func day(_ text: String, after flag: String, _ takesWords: Bool) throws -> Day {
    if let day = Day(yyyymmdd: text) { return day }
    if takesWords, text == "today" || text == "yesterday" {
      guard let today = Day.today() else {
        throw usageError(
          "\(flag)\(quoted(text)): the clock of this machine is not set",
          fix: "Set the clock, or use a date in the form YYYYMMDD.")
      }
      return text == "today" ? today : today.advanced(by: -1)
    }
    let meant = Day(yyyymmdd: text.filter { $0 != "-" && $0 != "/" })
    throw usageError(
      "\(flag)\(quoted(text)) is not a date",
      fix: meant.map { "Use \(flag)\($0)." }
        ?? "Use an existing date in the form YYYYMMDD, for example \(flag)20260705.")
  }

  /// All codes, in the order they were given.
  ///
  /// - Parameter ignoresCase: whether `fr` is `FR`.
  func countries(_ flag: Flag, ignoresCase: Bool = false) throws -> [CountryCode] {
    try texts(flag).map { text in
      if let code = CountryCode(ignoresCase ? text.uppercased() : text) { return code }
      let codes = text.uppercased().split(separator: ",").map { CountryCode(String($0)) }
      if flag.isRepeatable, codes.count > 1, codes.allSatisfy({ $0 != nil }) {
        let flags = codes.compactMap(\.self).map { "\(flag.spelling) \($0)" }
        throw usageError(
          "\(flag.spelling) takes one country code, but was given \(quoted(text))",
          fix: "Repeat the flag: \(flags.joined(separator: " ")).")
      }
      let meant = CountryCode(text.uppercased())?.description ?? "FR"
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a country code",
        fix: "Use two capital letters, for example \(flag.spelling) \(meant).")
    }
  }

  /// Bytes: `256MiB` and `256M` (powers of 1024), `500MB` (powers of 1000), or plain digits.
  func size(_ flag: Flag) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let bytes = ByteSize.parse(text) else {
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a size",
        fix: "Use a whole number with a unit, for example 256MiB, 1GiB or 500MB, "
          + "or a plain number of bytes.")
    }
    return bytes
  }

  /// A share, 0 … 1: `5%`, `0.5%` or `0.05`. A whole number without a unit could be percent or a count
  /// of rows, so only 0 is accepted.
  func share(_ flag: Flag) throws -> Share? {
    guard let text = text(flag) else { return nil }
    let isPercent = text.hasSuffix("%")
    let number = isPercent ? String(text.dropLast()) : text
    let isWhole = Int(digits: number) != nil
    if isPercent || !isWhole || Int(digits: number) == 0,
      let share = Share(decimal: number, isPercent: isPercent)
    {
      return share
    }
    if isWhole, !isPercent, let value = Int(digits: number), value <= 100 {
      throw usageError(
        "\(flag.spelling) \(quoted(text)) could be a percentage or a count of rows",
        fix: "Use \(flag.spelling) \(value)% for a percentage; a count is not accepted.")
    }
    throw usageError(
      "\(flag.spelling) \(quoted(text)) is not a share from 0% to 100%, or 0 to 1",
      fix: "For example: \(flag.spelling) 5% or \(flag.spelling) 0.05.")
  }

  func choice<Value: CaseIterable & RawRepresentable<String>>(
    _ flag: Flag, _: Value.Type
  ) throws -> Value? {
    guard let text = text(flag) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let words = Value.allCases.map(\.rawValue)
    let near = Suggestion.nearest(to: text, among: words)
    throw usageError(
      "\(flag.spelling) \(quoted(text)) is not one of \(words.joined(separator: ", "))",
      fix: "For example: \(flag.spelling) \(near ?? words[0]).")
  }

  func path(_ flag: Flag) throws -> String? {
    guard let text = text(flag) else { return nil }
    guard !text.isEmpty else {
      let isFolder = flag.value.map { $0.name == ArgumentKind.folder.name } ?? false
      throw usageError(
        "the name after \(flag.spelling) is empty",
        fix: "Name a \(isFolder ? "folder; '.' is the current one" : "file"). Is a variable unset?")
    }
    return text
  }

  /// The path of a flag that must be given.
  func requiredPath(_ flag: Flag) throws -> String {
    if let path = try path(flag) { return path }
    let flag = command.flag(named: flag.name) ?? flag
    let help = flag.help.prefix(1).lowercased() + flag.help.dropFirst().prefix { $0 != "." }
    throw usageError(
      "\(flag.synopsis) is required: the \(help)", fix: "Usage: chartmill \(command.usage[0])")
  }

  private static func powerOfTwo(near value: Int, in range: ClosedRange<Int>) -> Int {
    let bounded = min(max(value, range.lowerBound), range.upperBound)
    return 1 << (Int.bitWidth - 1 - bounded.leadingZeroBitCount)
  }
}

extension Flag {
  /// The declared example, or the number of `range` that is nearest to it.
  fileprivate func example(in range: ClosedRange<Int>) -> Int {
    guard case .number(_, let example?) = value else { return range.lowerBound }
    return min(max(example, range.lowerBound), range.upperBound)
  }
}

extension Int {
  /// Decimal digits only: no sign, no space. Nil if the number does not fit.
  init?(digits text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    self.init(text)
  }
}
