internal import ChartmillCore

/// The text of flags turned into values, with the error a person can act on.
extension RawFlags {
  func integer(_ flag: Flag, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let value = Int(digits: text), range.contains(value) else {
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)",
        fix: "Write, for example, \(flag.spelling) \(example(of: flag, range)).")
    }
    return value
  }

  func powerOfTwo(_ flag: Flag, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let value = Int(digits: text), range.contains(value), value & (value - 1) == 0 else {
      let nearest = Int(digits: text).map { Self.powerOfTwo(near: $0, in: range) } ?? 64
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a power of two from \(range.lowerBound) to "
          + "\(range.upperBound)",
        fix: "Write, for example, \(flag.spelling) \(nearest).")
    }
    return value
  }

  func day(_ flag: Flag) throws -> Day? {
    guard let text = text(flag) else { return nil }
    return try day(text, behind: "\(flag.spelling) ")
  }

  /// - Precondition: there are so many operands.
  func day(operand index: Int) throws -> Day {
    try day(operands[index], behind: "")
  }

  private func day(_ text: String, behind flag: String) throws -> Day {
    if let day = Day(yyyymmdd: text) { return day }
    // Made-up logs are the same bytes for the same flags, on every day.
    if command != .synth, text == "today" || text == "yesterday" {
      guard let today = Day.today() else {
        throw usageError(
          "\(flag)\(quoted(text)): the clock of this machine is not set",
          fix: "Set it, or write a date as YYYYMMDD.")
      }
      return text == "today" ? today : today.advanced(by: -1)
    }
    let meant = Day(yyyymmdd: text.filter { $0 != "-" && $0 != "/" })
    throw usageError(
      "\(flag)\(quoted(text)) is not a date",
      fix: meant.map { "Write \(flag)\($0)." }
        ?? "Write a date of the calendar as YYYYMMDD, for example \(flag)20260705.")
  }

  func user() throws -> UInt64? {
    try integer(.user, in: 0...Int.max).map { UInt64($0) }
  }

  /// Every one, in the order they were given.
  func countries(_ flag: Flag) throws -> [CountryCode] {
    var codes: [CountryCode] = []
    for text in values[flag] ?? [] {
      guard let code = CountryCode(text) else {
        let meant = CountryCode(text.uppercased())?.description ?? "FR"
        throw usageError(
          "\(flag.spelling) \(quoted(text)) is not a country code",
          fix: "Write two capital letters, for example \(flag.spelling) \(meant).")
      }
      codes.append(code)
    }
    return codes
  }

  /// Bytes: `256MiB` and `256M` (powers of 1024), `500MB` (powers of 1000), or plain digits.
  func size(_ flag: Flag) throws -> Int? {
    guard let text = text(flag) else { return nil }
    guard let bytes = ByteSize.parse(text) else {
      throw usageError(
        "\(flag.spelling) \(quoted(text)) is not a size",
        fix: "Write a whole number with a unit, for example 256MiB, 1GiB or 500MB, "
          + "or plain bytes.")
    }
    return bytes
  }

  /// A share, 0 … 1: `5%`, `0.5%` or `0.05`. A bare whole number could be either, or a count of
  /// rows, so only 0 is taken.
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
        "\(flag.spelling) \(quoted(text)) could be percent or a count of rows",
        fix: "Write \(flag.spelling) \(value)% for percent; counts are not taken.")
    }
    throw usageError(
      "\(flag.spelling) \(quoted(text)) is not a share from 0 to 1, nor 0% to 100%",
      fix: "Write, for example, \(flag.spelling) 5% or \(flag.spelling) 0.05.")
  }

  func choice<Value: CaseIterable & RawRepresentable<String>>(
    _ flag: Flag, _: Value.Type
  ) throws -> Value? {
    guard let text = text(flag) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let words = Value.allCases.map(\.rawValue)
    let near = Suggestion.nearest(to: text, among: words)
    throw usageError(
      "\(flag.spelling) \(quoted(text)) is none of \(words.joined(separator: ", "))",
      fix: "Write, for example, \(flag.spelling) \(near ?? words[0]).")
  }

  func path(_ flag: Flag) throws -> String? {
    guard let text = text(flag) else { return nil }
    guard !text.isEmpty else {
      throw usageError(
        "\(flag.spelling) is empty", fix: "Name a file or folder; '.' is the current folder.")
    }
    return text
  }

  /// For a flag the command cannot do without.
  func requiredPath(_ flag: Flag) throws -> String {
    if let path = try path(flag) { return path }
    let use = flag.use(in: command)
    throw usageError(
      "\(use.map(flag.synopsis) ?? flag.spelling) is missing", fix: use?.help ?? "")
  }

  private func example(of flag: Flag, _ range: ClosedRange<Int>) -> Int {
    let usual =
      [Flag.days: 7, .top: 50, .threads: 2, .rows: 1_000_000, .user: 42, .partition: 3][flag]
      ?? range.lowerBound
    return min(max(usual, range.lowerBound), range.upperBound)
  }

  private static func powerOfTwo(near value: Int, in range: ClosedRange<Int>) -> Int {
    let bounded = min(max(value, range.lowerBound), range.upperBound)
    return 1 << (Int.bitWidth - 1 - bounded.leadingZeroBitCount)
  }
}

extension Int {
  /// Decimal digits only: no sign, no space. Nil when it does not fit.
  init?(digits text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    self.init(text)
  }
}
